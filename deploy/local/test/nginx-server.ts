import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, startOwnedProcess } from "@syszap/testing/servers";
import { onTestFinished, vi } from "vitest";
import { nginxProgram, requireProgram } from "../src/machine/installed-command.ts";
import { root } from "../src/paths.ts";

export interface NginxServer {
  url: string;
  port: number;
  /** Of its configuration. */
  folder: string;
  /** Everything that nginx has logged: access log, error log and standard error. */
  logs(): string;
}

interface NginxOptions {
  /** The built web app. */
  folder: string;
  /** Addresses, such as `127.0.0.1:8080`. */
  restApis: string[];
  gateways: string[];
  /** More variables of `deploy/front/render.sh`. */
  env?: Record<string, string>;
}

const run = promisify(execFile);

/** Runs the shipped front, `deploy/front`, in Debian's nginx. */
export async function startNginx({ folder, restApis, gateways, env }: NginxOptions): Promise<NginxServer> {
  const scratch = mkdtempSync(join(tmpdir(), "syszap-nginx-"));
  const port = await freePort();
  const logs = join(scratch, "logs");
  mkdirSync(logs);
  const command = await requireProgram(nginxProgram);
  const logOf = (name: string) => join(logs, `${name}.log`);
  await run(join(root, "deploy/front/render.sh"), [scratch], {
    env: {
      ...{ PATH: process.env.PATH, NGINX: command, FRONT_LISTEN: `127.0.0.1:${port}`, FRONT_PAGES: folder },
      ...{ FRONT_REST_API: restApis.join(), FRONT_WS_GATEWAY: gateways.join() },
      ...{ FRONT_ACCESS_LOG: logOf("access"), FRONT_ERROR_LOG: logOf("error") },
      ...env,
    },
  });
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const nginx = await startOwnedProcess({
    command,
    args: ["-c", join(scratch, "nginx.conf"), "-p", scratch, "-e", logOf("main"), "-g", `${user} daemon off;`],
    logFile: logOf("output"),
  });
  onTestFinished(async () => {
    await nginx.stop();
    rmSync(scratch, { recursive: true, force: true });
  });
  const read = () => ["access", "error", "main", "output"].map((name) => readIfExists(logOf(name)));
  const ended = nginx.exited.then((code) => {
    throw new Error(`nginx exited with ${code}: ${read().join("\n")}`);
  });
  ended.catch(() => undefined);
  const listening = `http://127.0.0.1:${port}`;
  // With TLS, plain requests get 400.
  await Promise.race([ended, vi.waitFor(() => fetch(listening), { timeout: 60_000 })]);
  const protocol = env?.FRONT_TLS_CERTIFICATE === undefined ? "http" : "https";
  return { url: `${protocol}://127.0.0.1:${port}`, port, folder: scratch, logs: () => read().join("\n") };
}

function readIfExists(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
