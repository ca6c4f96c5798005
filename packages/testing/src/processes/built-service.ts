import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onFreePort } from "./free-port.ts";
import { type OwnedProcess, startOwnedProcess } from "./owned-process.ts";
import { untilReady } from "./readiness.ts";

export interface BuiltServiceOptions {
  /** Folder under `services/`; its bundle must have been built. */
  service: string;
  /** Every variable that the service's config.ts requires, except HOST and PORT. */
  env: Record<string, string>;
  /** Fixed port, for a process that replaces a killed one. Default: a free port. */
  port?: number;
  /** Folder of another release whose bundles are built. Default: this repository. */
  release?: string;
  /** The caller keeps this file. Without it, the log is temporary and is removed once the process has ended. */
  logFile?: string;
}

export interface BuiltService {
  readonly url: string;
  readonly port: number;
  /** The `env` option, for a process that replaces a killed one. */
  readonly env: Record<string, string>;
  readonly process: OwnedProcess;
  /** Sends SIGTERM and waits for the exit; sends SIGKILL after `deadlineMs`. */
  stop(deadlineMs?: number): Promise<void>;
}

const repository = fileURLToPath(new URL("../../../../", import.meta.url));
const probeTimeoutMs = 3_000;

/** Runs a service's bundle as production does. Resolves when `/health/ready` answers with success. */
export async function startBuiltService(options: BuiltServiceOptions): Promise<BuiltService> {
  const { port, url, owned } = await onFreePort(options.port, (port) => start(options, port));
  const stop = (deadlineMs?: number) => owned.stop(deadlineMs).finally(owned.cleanUp);
  const kill = () => owned.kill().finally(owned.cleanUp);
  return { url, port, env: options.env, process: { ...owned, stop, kill }, stop };
}

async function start(options: BuiltServiceOptions, port: number) {
  const scratch = options.logFile === undefined ? await mkdtemp(join(tmpdir(), "syszap-service-")) : undefined;
  const logFile = options.logFile ?? join(scratch ?? "", `${options.service}.log`);
  const cleanUp = async () => {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const owned = await startOwnedProcess({
    command: process.execPath,
    args: ["--enable-source-maps", "dist/main.js"],
    cwd: join(options.release ?? repository, "services", options.service),
    env: { PATH: process.env.PATH, DRAIN_PAUSE_SECONDS: "0", ...options.env, HOST: "127.0.0.1", PORT: String(port) },
    logFile,
    removeAfter: scratch,
  });
  try {
    await untilReady(options.service, owned, logFile, () => probeReadiness(url));
  } catch (err) {
    await cleanUp();
    throw err;
  }
  return { port, url, owned: { ...owned, cleanUp } };
}

async function probeReadiness(url: string): Promise<void> {
  const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(probeTimeoutMs) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The service is not ready: status ${response.status}.`);
}
