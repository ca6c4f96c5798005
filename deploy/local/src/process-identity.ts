import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const startTimeField = 19;

/** Tells a process from a later one with the same number: when it was started. Undefined when there is none. */
export function startTimeOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux") {
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
    }
    // The second field is the command in parentheses and may hold anything, so count from behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[startTimeField];
  } catch {
    return undefined;
  }
}
