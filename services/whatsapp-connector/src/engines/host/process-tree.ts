import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

interface ProcessRow {
  pid: number;
  parent: number;
  group: number;
  /** False for zombies: they are listed until their parent reaps them. */
  isRunning: boolean;
}

/** Environment variable that marks the processes of one engine run, also after their parent died. */
export const runVariable = "SYSZAP_ENGINE_RUN";
const endPollMs = 25;
const endTimeoutMs = 5_000;

/**
 * All processes that an engine host started, in all process groups: a browser creates its own group. Without /proc (on
 * systems other than Linux) only the host's own group is known.
 */
export class ProcessTree {
  constructor(
    private readonly leader: number,
    private readonly run: string,
  ) {}

  /** Kills all of them and returns their groups. The leader's group is killed last, since the caller may be in it. */
  kill(): number[] {
    const groups = new Set(this.members().map(({ group }) => group));
    groups.delete(this.leader);
    const ordered = [...groups, this.leader];
    for (const group of ordered) {
      try {
        process.kill(-group, "SIGKILL");
      } catch {
        // the group has ended already
      }
    }
    return ordered;
  }

  /** Kills all of them and waits for their end. Returns false if some still run after 5 seconds. */
  async end(): Promise<boolean> {
    const groups = this.kill();
    for (let waitedMs = 0; waitedMs < endTimeoutMs; waitedMs += endPollMs) {
      if (!listProcesses().some(({ group, isRunning }) => isRunning && groups.includes(group))) return true;
      await delay(endPollMs);
    }
    return false;
  }

  private members(): ProcessRow[] {
    const rows = listProcesses();
    const found = new Set(rows.filter((row) => row.group === this.leader || this.isMarked(row)));
    for (let size = -1; size !== found.size; ) {
      size = found.size;
      const pids = new Set([...found].map(({ pid }) => pid));
      const groups = new Set([...found].map(({ group }) => group));
      for (const row of rows) if (pids.has(row.parent) || groups.has(row.group)) found.add(row);
    }
    return [...found];
  }

  /** Proportional set size of all of them in bytes; undefined if the system does not report it. */
  async memoryBytes(): Promise<number | undefined> {
    const sizes = await Promise.all(
      this.members().map(async ({ pid }) => {
        const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
        return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1_024;
      }),
    );
    const sum = sizes.reduce((total, size) => total + size, 0);
    return sum > 0 ? sum : undefined;
  }

  private isMarked({ pid }: ProcessRow): boolean {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`${runVariable}=${this.run}`);
    } catch {
      return false; // the process has ended, or belongs to another user
    }
  }
}

function listProcesses(): ProcessRow[] {
  let names: string[] = [];
  try {
    names = readdirSync("/proc");
  } catch {
    return [];
  }
  return names.filter((name) => /^\d+$/.test(name)).flatMap((name) => readProcess(Number(name)) ?? []);
}

function readProcess(pid: number): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // "pid (name) state parent group …"; the name may contain any character
    const [state, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { pid, parent: Number(parent), group: Number(group), isRunning: state !== "Z" && state !== "X" };
  } catch {
    return undefined;
  }
}
