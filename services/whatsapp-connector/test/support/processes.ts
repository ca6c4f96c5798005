import { readdir, readFile } from "node:fs/promises";

const read = (pid: number, what: string) => readFile(`/proc/${pid}/${what}`, "latin1").catch(() => "");
const pids = async () => (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
async function select(isIt: (pid: number) => Promise<boolean>): Promise<number[]> {
  const all = await pids();
  const chosen = await Promise.all(all.map(isIt));
  return all.filter((_, index) => chosen[index]);
}

/** Engine hosts that the process forked and that run still. */
export const hostsOf = (parent: number): Promise<number[]> =>
  select(async (pid) => {
    const stat = await read(pid, "stat");
    const [state, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state !== "Z" && Number(parentPid) === parent && (await read(pid, "cmdline")).includes("engines/host/main");
  });

/** What marks all processes of a host's run, in their environment. */
export async function runOf(host: number): Promise<string> {
  const run = /SYSZAP_ENGINE_RUN=[\w-]+/.exec(await read(host, "environ"))?.[0];
  if (run === undefined) throw new Error("no such host runs");
  return run;
}

/** The run's processes that have not ended; those that ended but were not reaped have no environment any more. */
export const processesOf = (run: string): Promise<number[]> =>
  select(async (pid) => (await read(pid, "environ")).includes(run));

export const commandLineOf = (pid: number): Promise<string> => read(pid, "cmdline");
