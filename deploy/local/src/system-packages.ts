import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Installs a Debian package where that needs no question: as root, or with a sudo that asks none. False where it can't be done. */
export async function installDebianPackage(name: string): Promise<boolean> {
  if (!existsSync("/usr/bin/apt-get")) return false;
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const aptGet = async (...args: string[]) => {
    const [command = "apt-get", ...rest] = [...prefix, "apt-get", ...args];
    await run(command, rest, {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      maxBuffer: 64 * 1024 * 1024,
    });
  };
  const install = () => aptGet("install", "-y", "--no-install-recommends", name);
  try {
    // The lists of a fresh machine are often missing or old: then once more with new ones.
    await install().catch(() => aptGet("update").then(install));
    return true;
  } catch {
    return false;
  }
}
