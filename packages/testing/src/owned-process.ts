import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { text } from "node:stream/consumers";

/**
 * Starts "$@" and ends it when standard input closes: that happens when its owner asks, and also when the owner
 * is killed and can't ask any more. The server's own pid is written to descriptor 3.
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
  /** Both outputs are appended to it; without it they are dropped. */
  logFile?: string | undefined;
  /** What makes it stop in order. */
  stopSignal?: "TERM" | "INT" | "QUIT";
  /** A scratch folder that goes when the process was ended, also when its owner is gone; one that dies by itself leaves it, with its log. */
  removeAfter?: string | undefined;
  /** Runs it as this user (needs root). */
  user?: { uid: number; gid: number } | undefined;
}

/** A process that never outlives the one that started it: not after a stop, a crash or a kill -9 of its owner. */
export interface OwnedProcess {
  /** Of the process itself. */
  readonly pid: number;
  /** Of its process group, which holds its guard as well. */
  readonly groupId: number;
  /** Resolves when it has ended, with its exit code (128 + n for signal n). */
  readonly exited: Promise<number>;
  /** Asks it to stop and waits; after `deadlineMs` it is killed. */
  stop(deadlineMs?: number): Promise<void>;
  /** Kills it and its whole group at once, as a crash would. */
  kill(): Promise<void>;
}

const signalExitBase = 128;
const sigkill = 9;

/** Ends at once when the command can't be found or run: then `exited` resolves with 126 or 127. */
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
  // A guard that is gone can't be told anything: its exit says all.
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
