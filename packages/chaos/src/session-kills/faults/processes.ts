import { readdir, readFile } from "node:fs/promises";

/** A process that runs; what has ended but was not reaped is none. */
export interface RunningProcess {
  pid: number;
  parent: number;
  /** In clock ticks: tells a process from a later one with its number. */
  startedAt: number;
  commandLine: string;
  environment: string;
}
const read = (pid: number, what: string) => readFile(`/proc/${pid}/${what}`, "latin1").catch(() => "");

async function readProcess(pid: number): Promise<RunningProcess | undefined> {
  const [stat, commandLine, environment] = await Promise.all([
    read(pid, "stat"),
    read(pid, "cmdline"),
    read(pid, "environ"),
  ]);
  // "pid (name) state parent …", where the name may hold anything; the numbers are those of proc(5), from the third on.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent] = fields;
  if (state === undefined || state === "" || state === "Z" || state === "X") return undefined;
  const startedAt = Number(fields[19]);
  return { pid, parent: Number(parent), startedAt, commandLine: commandLine.replaceAll("\0", " "), environment };
}

/** All of this machine that may be read. */
async function listProcesses(): Promise<RunningProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  return (await Promise.all(pids.map(readProcess))).filter((found) => found !== undefined);
}

/** What makes up one session's engine at this moment; undefined where it has none. */
export interface EngineProcesses {
  child: RunningProcess | undefined;
  chromium: RunningProcess | undefined;
  /** The page's, and others that no page uses yet: which is which can't be told from outside. */
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

/** Everything that was started with this folder in its environment or on its command line, by whatever generation of parents. */
export async function processesOf(folder: string): Promise<RunningProcess[]> {
  const all = await listProcesses();
  return all.filter(
    ({ pid, commandLine, environment }) =>
      pid !== process.pid && (commandLine.includes(folder) || environment.includes(folder)),
  );
}

/** False when it has ended meanwhile; never another one with its number. */
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
