import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const deadlineMs = 15_000;
const lookAgainMs = 50;

/**
 * A Postgres that survived the process that started it still holds its data: it is asked to stop, at last killed.
 * A lock file whose number belongs to some other process by now is only removed.
 */
export async function endEarlierPostgres(dataDirectory: string): Promise<void> {
  const lockFile = join(dataDirectory, "postmaster.pid");
  const [firstLine = ""] = (await readFile(lockFile, "utf8").catch(() => "")).split("\n");
  const pid = Number(firstLine);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const isOurs = async () => (await commandOf(pid)).includes(dataDirectory);
  if (await isOurs()) {
    process.kill(pid, "SIGINT");
    for (const startedAt = Date.now(); await isOurs(); await delay(lookAgainMs)) {
      if (Date.now() - startedAt > deadlineMs) process.kill(pid, "SIGQUIT");
    }
  }
  await rm(lockFile, { force: true });
}

/** Empty when there is no such process. Small Linux images have no `ps`. */
function commandOf(pid: number): Promise<string> {
  const answer =
    process.platform === "linux"
      ? readFile(`/proc/${pid}/cmdline`, "utf8").then((command) => command.replaceAll("\0", " "))
      : run("ps", ["-o", "command=", "-p", String(pid)]).then(({ stdout }) => stdout);
  return answer.catch(() => "");
}
