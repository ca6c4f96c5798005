import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Installs a Debian package without asking: as root or through `sudo -n`. Resolves with false when this is no Debian system,
 * when root rights are missing, or when apt-get fails.
 */
export async function installDebianPackage(name: string): Promise<boolean> {
  if (!existsSync("/usr/bin/apt-get")) return false;
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const aptGet = async (...args: string[]) => {
    const [command = "apt-get", ...rest] = [...prefix, "apt-get", ...args];
    await run(command, rest, {
      // RUNLEVEL: packages start no system service, such as a web server on port 80.
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
      maxBuffer: 64 * 1024 * 1024,
    });
  };
  const install = () => aptGet("install", "-y", "--no-install-recommends", name);
  try {
    // Package lists of a new machine are often missing or outdated: update them and try once more.
    await install().catch(() => aptGet("update").then(install));
    return true;
  } catch {
    return false;
  }
}
