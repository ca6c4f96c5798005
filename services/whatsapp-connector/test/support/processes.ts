import { readdir, readFile } from "node:fs/promises";

const read = (pid: number, file: string) => readFile(`/proc/${pid}/${file}`, "latin1").catch(() => "");
const pids = async () => (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);

async function select(matches: (pid: number) => Promise<boolean>): Promise<number[]> {
  const all = await pids();
  const selected = await Promise.all(all.map(matches));
  return all.filter((_, index) => selected[index]);
}

/** Returns the running engine hosts that the process forked. */
export const hostsOf = (parent: number): Promise<number[]> =>
  select(async (pid) => {
    const stat = await read(pid, "stat");
    const [state, parentPid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state !== "Z" && Number(parentPid) === parent && (await read(pid, "cmdline")).includes("engines/host/main");
  });

/** Returns the environment variable that marks all processes of a host's run. */
export async function runOf(host: number): Promise<string> {
  const run = /SYSZAP_ENGINE_RUN=[\w-]+/.exec(await read(host, "environ"))?.[0];
  if (run === undefined) throw new Error("the host does not run");
  return run;
}

/** Returns the running processes of a run. Zombies have no environment, so they are not included. */
export const processesOf = (run: string): Promise<number[]> =>
  select(async (pid) => (await read(pid, "environ")).includes(run));

export const commandLineOf = (pid: number): Promise<string> => read(pid, "cmdline");
