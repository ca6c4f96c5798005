import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findProgram } from "../processes/find-program.ts";
import { freePort } from "../processes/free-port.ts";
import { startOwnedProcess } from "../processes/owned-process.ts";

export interface NginxServer {
  url: string;
  port: number;
  /** Of its configuration. */
  folder: string;
  /** Everything that nginx has logged: access log, error log and standard error. */
  logs(): string;
  stop(): Promise<void>;
}

export interface NginxOptions {
  /** Path of nginx. Default: where systems install it. */
  command?: string;
  /** The built web app. */
  folder: string;
  /** Addresses, such as `127.0.0.1:8080`. */
  restApis: string[];
  gateways: string[];
  /** More variables of `deploy/front/render.sh`. */
  env?: Record<string, string>;
}

const front = fileURLToPath(new URL("../../../../deploy/front/", import.meta.url));
const startDeadlineMs = 60_000;
const pollEveryMs = 20;
const run = promisify(execFile);

/** Runs the shipped front, `deploy/front`. Resolves when it listens. */
export async function startNginx({ command = findNginx(), ...options }: NginxOptions): Promise<NginxServer> {
  const scratch = mkdtempSync(join(tmpdir(), "syszap-nginx-"));
  const port = await freePort();
  const logs = join(scratch, "logs");
  mkdirSync(logs);
  const logOf = (name: string) => join(logs, `${name}.log`);
  await run(join(front, "render.sh"), [scratch], {
    env: {
      ...{ PATH: process.env.PATH, NGINX: command, FRONT_LISTEN: `127.0.0.1:${port}`, FRONT_PAGES: options.folder },
      ...{ FRONT_REST_API: options.restApis.join(), FRONT_WS_GATEWAY: options.gateways.join() },
      ...{ FRONT_ACCESS_LOG: logOf("access"), FRONT_ERROR_LOG: logOf("error") },
      ...options.env,
    },
  });
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const nginx = await startOwnedProcess({
    command,
    args: ["-c", join(scratch, "nginx.conf"), "-p", scratch, "-e", logOf("main"), "-g", `${user} daemon off;`],
    logFile: logOf("output"),
  });
  const stop = async () => {
    await nginx.stop();
    rmSync(scratch, { recursive: true, force: true });
  };
  const read = () => ["access", "error", "main", "output"].map((name) => readIfExists(logOf(name))).join("\n");
  const state: { exitCode?: number } = {};
  void nginx.exited.then((code) => {
    state.exitCode = code;
  });
  // With TLS, plain requests get 400.
  for (const startedAt = Date.now(); !(await fetch(`http://127.0.0.1:${port}`).catch(() => undefined)); ) {
    const hasFailed = state.exitCode !== undefined || Date.now() - startedAt > startDeadlineMs;
    if (hasFailed) throw new Error(`nginx did not start (exit code ${state.exitCode}): ${read()}`);
    await delay(pollEveryMs);
  }
  const protocol = options.env?.FRONT_TLS_CERTIFICATE === undefined ? "http" : "https";
  return { url: `${protocol}://127.0.0.1:${port}`, port, folder: scratch, logs: read, stop };
}

function findNginx(): string {
  const found = findProgram("nginx");
  if (found === undefined) throw new Error("This needs nginx: install nginx-core (macOS: brew install nginx).");
  return found;
}

function readIfExists(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
