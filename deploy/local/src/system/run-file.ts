import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { startTimeOf } from "../machine/process-identity.ts";

const deadlineMs = 10_000;
const pollIntervalMs = 50;

export interface RunningProcess {
  pid: number;
  groupId: number;
  startTime: string | undefined;
  port?: number | undefined;
  url?: string | undefined;
  logFile?: string | undefined;
}

/** Contents of `.data/run.json`: the running processes and their URLs, for people, for tests, and for clean-up after a crash. */
export interface Run {
  pid: number;
  startTime: string | undefined;
  url: string;
  isReady: boolean;
  /** Phone page of the stand-in for WhatsApp Web, if it runs. */
  phonePageUrl?: string;
  redisUrl: string;
  /** URL with the role that owns the database. */
  databaseUrl: string;
  appDatabaseUrl: string;
  systemDatabaseUrl: string;
  logins: { email: string; password: string; role: string }[];
  operator: { email: string; password: string };
  processes: Record<string, RunningProcess>;
}

export function readRun(file: string): Run | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Writes the file atomically: a reader never sees a partial file. */
export function writeRun(file: string, run: Run): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const isStillRunning = (process: { pid: number; startTime: string | undefined }): boolean =>
  process.startTime !== undefined && startTimeOf(process.pid) === process.startTime;

/**
 * Ends the processes that a killed run left behind, except Postgres, which `startPostgres` handles. Throws when the earlier run
 * is still alive.
 */
export async function cleanUpPreviousRun(file: string): Promise<void> {
  const run = readRun(file);
  if (run === undefined) return;
  if (isStillRunning(run)) {
    throw new Error(
      `sysZap is already running with this data directory at ${run.url} (process ${run.pid}). Stop it first, or use --data DIR.`,
    );
  }
  await Promise.all(Object.entries(run.processes).map(([name, left]) => endLeftoverProcess(name, left)));
  rmSync(file, { force: true });
}

/** Kills a service at once. Redis gets SIGTERM first, so that it writes the last second of its append-only file. */
async function endLeftoverProcess(name: string, left: RunningProcess): Promise<void> {
  if (name === "postgres" || !isStillRunning(left)) return;
  if (name === "redis") signalGroup(left.groupId, "SIGTERM");
  for (const startedAt = Date.now(); isStillRunning(left); await delay(pollIntervalMs)) {
    if (name !== "redis" || Date.now() - startedAt > deadlineMs) signalGroup(left.groupId, "SIGKILL");
  }
}

function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch {
    // The process exited before the signal was sent.
  }
}

export const removeRun = (file: string): void => rmSync(file, { force: true });
