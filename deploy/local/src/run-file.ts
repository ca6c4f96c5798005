import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { startTimeOf } from "./process-identity.ts";

const deadlineMs = 10_000;
const lookAgainMs = 50;

export interface RunningProcess {
  pid: number;
  groupId: number;
  startTime: string | undefined;
  port?: number | undefined;
  url?: string | undefined;
  logFile?: string | undefined;
}

/** `.data/run.json`: everything that runs, for people, tests, and the next start after a crash. */
export interface Run {
  pid: number;
  startTime: string | undefined;
  url: string;
  isReady: boolean;
  /** Where a person is the phone of the stand-in for WhatsApp Web, when there is one. */
  phonePageUrl?: string;
  redisUrl: string;
  /** Of the owner of the database. */
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

/** Replaced as a whole, so that nobody ever reads half of it. */
export function writeRun(file: string, run: Run): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const isStillRunning = (process: { pid: number; startTime: string | undefined }): boolean =>
  process.startTime !== undefined && startTimeOf(process.pid) === process.startTime;

/** Ends what an earlier run left behind because it was killed. Postgres is left to whoever starts it again. */
export async function clearEarlierRun(file: string): Promise<void> {
  const run = readRun(file);
  if (run === undefined) return;
  if (isStillRunning(run)) {
    throw new Error(
      `sysZap already runs with these data at ${run.url} (process ${run.pid}). Stop it first, or use --data DIR.`,
    );
  }
  await Promise.all(Object.entries(run.processes).map(([name, left]) => endLeftOver(name, left)));
  rmSync(file, { force: true });
}

/** Services may be killed at any time. Redis is asked first, so that the last second of its file is not lost. */
async function endLeftOver(name: string, left: RunningProcess): Promise<void> {
  if (name === "postgres" || !isStillRunning(left)) return;
  if (name === "redis") signalGroup(left.groupId, "SIGTERM");
  for (const startedAt = Date.now(); isStillRunning(left); await delay(lookAgainMs)) {
    if (name !== "redis" || Date.now() - startedAt > deadlineMs) signalGroup(left.groupId, "SIGKILL");
  }
}

function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

export const removeRun = (file: string): void => rmSync(file, { force: true });
