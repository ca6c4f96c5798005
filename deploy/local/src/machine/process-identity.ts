import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const startTimeField = 19;

/**
 * Start time of a process, in an opaque format. Together with the pid it identifies a process even after the pid was reused.
 * Undefined when no such process runs.
 */
export function startTimeOf(pid: number): string | undefined {
  try {
    if (process.platform !== "linux") {
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
    }
    // The second field is the command in parentheses and may contain spaces, so fields are counted after it.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[startTimeField];
  } catch {
    return undefined;
  }
}
