import { readFile, writeFile } from "node:fs/promises";

const mebibyte = 1024 * 1024;

async function kibibytes(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN);
}

/** Returns a function that returns the growth of a process's peak resident memory since now, in MiB, as the kernel counts it. */
export async function watchGrowth(pid: number): Promise<() => Promise<number>> {
  await writeFile(`/proc/${pid}/clear_refs`, "5"); // resets the peak
  const before = await kibibytes(pid, "VmRSS");
  return async () => ((await kibibytes(pid, "VmHWM")) - before) / (mebibyte / 1024);
}
