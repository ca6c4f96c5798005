import { readdir, readFile } from "node:fs/promises";

/** A running process. Zombies are excluded. */
export interface RunningProcess {
  pid: number;
  parent: number;
  /** Start time in clock ticks. Distinguishes a process from a later one with the same pid. */
  startedAt: number;
  commandLine: string;
  environment: string;
}

const read = (pid: number, file: string) => readFile(`/proc/${pid}/${file}`, "latin1").catch(() => "");

async function readProcess(pid: number): Promise<RunningProcess | undefined> {
  const [stat, commandLine, environment] = await Promise.all([
    read(pid, "stat"),
    read(pid, "cmdline"),
    read(pid, "environ"),
  ]);
  // Format "pid (name) state parent …". The name may contain any character, so fields are read after its last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent] = fields;
  if (state === undefined || state === "" || state === "Z" || state === "X") return undefined;
  const startedAt = Number(fields[19]);
  return { pid, parent: Number(parent), startedAt, commandLine: commandLine.replaceAll("\0", " "), environment };
}

/** All processes of this machine that this user may read. */
async function listProcesses(): Promise<RunningProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  return (await Promise.all(pids.map(readProcess))).filter((found) => found !== undefined);
}

/** The current processes of one session's engine. */
export interface EngineProcesses {
  child: RunningProcess | undefined;
  chromium: RunningProcess | undefined;
  /** The renderer of the page and spare renderers. They cannot be distinguished from outside. */
  renderers: RunningProcess[];
}

export async function engineOn(profileDirectory: string): Promise<EngineProcesses> {
  const all = await listProcesses();
  const isBrowser = ({ commandLine }: RunningProcess) =>
    commandLine.includes(`--user-data-dir=${profileDirectory}/`) && !commandLine.includes("--type=");
  const chromium = all.find((process) => isBrowser(process) && all.some(({ pid }) => pid === process.parent));
  const child = all.find(({ pid }) => pid === chromium?.parent);
  const byPid = new Map(all.map((process) => [process.pid, process]));
  const descends = (process: RunningProcess | undefined): boolean =>
    process !== undefined && (process.parent === chromium?.pid || descends(byPid.get(process.parent)));
  const renderers = all.filter((process) => process.commandLine.includes("--type=renderer") && descends(process));
  return { chromium, child: child?.commandLine.includes("engines/host/main") ? child : undefined, renderers };
}

/** All processes with this folder in their environment or command line, including descendants. */
export async function processesOf(folder: string): Promise<RunningProcess[]> {
  const all = await listProcesses();
  return all.filter(
    ({ pid, commandLine, environment }) =>
      pid !== process.pid && (commandLine.includes(folder) || environment.includes(folder)),
  );
}

/** Sends a signal. Returns false if the process has ended. Never hits another process with the same pid. */
export async function signal(target: RunningProcess, name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): Promise<boolean> {
  const now = await readProcess(target.pid);
  if (now?.startedAt !== target.startedAt) return false;
  try {
    process.kill(target.pid, name);
    return true;
  } catch {
    return false;
  }
}
