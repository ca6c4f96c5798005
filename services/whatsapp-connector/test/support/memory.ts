import { readFile, writeFile } from "node:fs/promises";

const mebibyte = 1024 * 1024;
async function kibibytes(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? Number.NaN);
}

/** Watches how far a process's resident memory rises from now on, by the kernel's own count: no peak is missed. */
export async function watchGrowth(pid: number): Promise<() => Promise<number>> {
  await writeFile(`/proc/${pid}/clear_refs`, "5"); // the peak counts from now
  const before = await kibibytes(pid, "VmRSS");
  return async () => ((await kibibytes(pid, "VmHWM")) - before) / (mebibyte / 1024);
}
