import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { text } from "node:stream/consumers";

/**
 * Starts "$@" and stops it when standard input closes, which happens when the owner calls `stop()` or is killed.
 * Writes the pid of "$@" to file descriptor 3.
 */
const guardScript = `
exec 4<&0
"$@" 3>&- 4<&- </dev/null &
server=$!
echo "$server" >&3
exec 3>&-
{ read -r _ <&4; trap "" TERM; kill -"$STOP_SIGNAL" "$server"; exit 0; } >/dev/null 2>&1 &
guard=$!
exec 4<&-
wait "$server"
code=$?
kill "$guard" 2>/dev/null
if wait "$guard" && [ -n "$REMOVE_AFTER" ]; then rm -rf "$REMOVE_AFTER"; fi
exit "$code"
`;

export interface OwnedProcessOptions {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Standard output and standard error are appended to this file. Without it they are discarded. */
  logFile?: string | undefined;
  /** Signal for a graceful stop. Default: TERM. */
  stopSignal?: "TERM" | "INT" | "QUIT";
  /**
   * Scratch folder to remove after a stop, including a stop because the owner is gone. A process that exits by itself
   * leaves the folder, which holds its log.
   */
  removeAfter?: string | undefined;
  /** Runs the process as this user. Requires root. */
  user?: { uid: number; gid: number } | undefined;
}

/** A process that never outlives its owner, even after a crash or `kill -9` of the owner. */
export interface OwnedProcess {
  readonly pid: number;
  /** Id of the process group, which contains the process and its guard shell. */
  readonly groupId: number;
  /** Resolves with the exit code (128 + n for signal n) when the process has ended. */
  readonly exited: Promise<number>;
  /** Stops the process gracefully and waits for its exit; kills it after `deadlineMs` (default 10 s). */
  stop(deadlineMs?: number): Promise<void>;
  /** Kills the process group with SIGKILL and waits for the exit. */
  kill(): Promise<void>;
}

const signalExitBase = 128;
const sigkill = 9;

/** If the command cannot be found or run, `exited` resolves with 126 or 127. */
export async function startOwnedProcess(options: OwnedProcessOptions): Promise<OwnedProcess> {
  const output = options.logFile === undefined ? "ignore" : openSync(options.logFile, "a", 0o600);
  const child = spawn("/bin/sh", ["-c", guardScript, "guard", options.command, ...options.args], {
    detached: true,
    stdio: ["pipe", output, output, "pipe"],
    cwd: options.cwd ?? "/",
    env: {
      ...(options.env ?? process.env),
      STOP_SIGNAL: options.stopSignal ?? "TERM",
      REMOVE_AFTER: options.removeAfter ?? "",
    },
    ...options.user,
  });
  if (typeof output === "number") closeSync(output);
  const exited = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? signalExitBase + sigkill));
  });
  const pid = Number(await Promise.race([announcedPid(child), exited]));
  return { pid, groupId: child.pid ?? pid, exited, ...endings(child, exited) };
}

async function announcedPid(child: ChildProcess): Promise<string> {
  const announcement = child.stdio[3];
  if (announcement === null || announcement === undefined || !("read" in announcement)) return "0";
  return text(announcement);
}

function endings(child: ChildProcess, exited: Promise<number>): Pick<OwnedProcess, "stop" | "kill"> {
  // Writing to a guard that has exited fails with EPIPE; `exited` already reports the exit.
  child.stdin?.on("error", () => undefined);
  const kill = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, "SIGKILL");
    }
    await exited;
  };
  const stop = async (deadlineMs = 10_000) => {
    child.stdin?.end();
    const timer = setTimeout(() => void kill(), deadlineMs);
    await exited.finally(() => clearTimeout(timer));
  };
  return { stop, kill };
}
