import { readdir, readFile } from "node:fs/promises";

/** Returns the browser processes on one profile. */
export async function processesOf(profileDirectory: string): Promise<{ pid: number; commandLine: string }[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const read = (pid: number) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  const all = await Promise.all(pids.map(async (pid) => ({ pid, commandLine: await read(pid) })));
  return all.filter(({ commandLine }) => commandLine.includes(profileDirectory));
}
