import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const deadlineMs = 15_000;
const pollIntervalMs = 50;

/**
 * Stops a Postgres server that outlived its owner and still uses this data directory; it is sent SIGQUIT after the deadline.
 * If the pid in the lock file now belongs to another process, only the lock file is removed.
 */
export async function endEarlierPostgres(dataDirectory: string): Promise<void> {
  const lockFile = join(dataDirectory, "postmaster.pid");
  const [firstLine = ""] = (await readFile(lockFile, "utf8").catch(() => "")).split("\n");
  const pid = Number(firstLine);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const isRunning = async () => (await commandOf(pid)).includes(dataDirectory);
  if (await isRunning()) {
    process.kill(pid, "SIGINT");
    for (const startedAt = Date.now(); await isRunning(); await delay(pollIntervalMs)) {
      if (Date.now() - startedAt > deadlineMs) process.kill(pid, "SIGQUIT");
    }
  }
  await rm(lockFile, { force: true });
}

/** Command line of a process, or an empty string if it does not exist. Small Linux images have no `ps`. */
function commandOf(pid: number): Promise<string> {
  const answer =
    process.platform === "linux"
      ? readFile(`/proc/${pid}/cmdline`, "utf8").then((command) => command.replaceAll("\0", " "))
      : run("ps", ["-o", "command=", "-p", String(pid)]).then(({ stdout }) => stdout);
  return answer.catch(() => "");
}
