import { readFile, readlink } from "node:fs/promises";

/**
 * Equal for processes that can see each other's pids: the boot of the machine and the pid namespace. Empty when the system does
 * not tell; then no process is known to be dead by its pid.
 */
export async function readProcessSpace(): Promise<string> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    return `${boot.trim()} ${await readlink("/proc/self/ns/pid")}`;
  } catch {
    return "";
  }
}

/** Whether a process of the given space, other than this one, has certainly ended. */
export function isKnownDead(other: { processSpace: string; pid: number }, space: string): boolean {
  if (space === "" || other.processSpace !== space) return false;
  return other.pid === process.pid || !isRunning(other.pid);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === "EPERM";
  }
}
