import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type OwnedProcess, startOwnedProcess } from "../processes/owned-process.ts";

/** The root of the repository. */
export const checkout = fileURLToPath(new URL("../../../../", import.meta.url));

interface Running {
  pid: number;
  port?: number;
  url?: string;
}
/** The parts of `.data/run.json` that tests and benchmarks use. */
export interface Run {
  pid: number;
  url: string;
  /** Page that controls the phones of the stand-in for WhatsApp Web. Only with `--stand-in`. */
  phonePageUrl?: string;
  isReady: boolean;
  redisUrl: string;
  databaseUrl: string;
  appDatabaseUrl: string;
  systemDatabaseUrl: string;
  operator: { email: string; password: string };
  logins: { email: string; password: string; role: string }[];
  processes: Record<string, Running>;
}

export interface Product {
  run: Run;
  process: OwnedProcess;
}

const startDeadlineMs = 270_000;
const stopDeadlineMs = 60_000;
const pollIntervalMs = 50;

/**
 * Runs `npm start` with a data directory and a free port. By default, customers send nothing by themselves and phones scan only on
 * command. Resolves when every process is ready.
 */
export async function startProduct(options: {
  folder?: string;
  dataDirectory: string;
  args?: string[];
  env?: NodeJS.ProcessEnv;
}): Promise<Product> {
  const folder = options.folder ?? checkout;
  const args = ["deploy/local/bootstrap.mjs", "start", "--data", options.dataDirectory, "--port", "0"];
  const logFile = `${options.dataDirectory}.log`;
  const product = await startOwnedProcess({
    command: process.execPath,
    args: [...args, ...(options.args ?? ["--no-traffic", "--scan-after", "0"])],
    cwd: folder,
    env: { ...process.env, ...options.env },
    logFile,
  });
  const ended = { code: undefined as number | undefined };
  void product.exited.then((code) => {
    ended.code = code;
  });
  for (const startedAt = Date.now(); ; await delay(pollIntervalMs)) {
    const run = await readRun(options.dataDirectory);
    if (run?.isReady === true && run.pid === product.pid) return { run, process: product };
    if (ended.code !== undefined || Date.now() - startedAt > startDeadlineMs) {
      await product.stop();
      throw new Error(`The product did not start (exit code ${ended.code}):\n${await readFile(logFile, "utf8")}`);
    }
  }
}

/**
 * Stops the product and removes `folder`. A product that had to be killed leaves servers behind that may still write there, so the
 * folder is kept in that case.
 */
export async function stopAndRemove(product: Product, folder: string): Promise<void> {
  await product.process.stop(stopDeadlineMs);
  if ((await product.process.exited) === 0) await rm(folder, { recursive: true, force: true });
}

export const readRun = (dataDirectory: string): Promise<Run | undefined> =>
  readFile(join(dataDirectory, "run.json"), "utf8").then(JSON.parse, () => undefined);
