import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Places } from "./connectors.ts";
import { processesOf } from "./faults/processes.ts";

/** A process that was killed a moment ago may still be on its way out. */
const goneWithinMs = 3_000;
const lookAgainMs = 50;

/** Called after everything was stopped: sentences about processes, profile locks and temporary files that are still there. */
export async function leftBehind({ profiles, temporary }: Places): Promise<string[]> {
  const found = [...(await processesLeft(dirname(profiles))), ...(await locksLeft(profiles))];
  const files = await readdir(temporary);
  return [
    ...found,
    ...(files.length > 0 ? [`left behind: ${files.length} temporary files, such as ${files.slice(0, 40)}`] : []),
  ];
}

async function processesLeft(folder: string): Promise<string[]> {
  for (let waitedMs = 0; ; waitedMs += lookAgainMs) {
    const left = await processesOf(folder);
    if (left.length === 0) return [];
    if (waitedMs < goneWithinMs) await delay(lookAgainMs);
    else return left.map(({ pid, commandLine }) => `left behind: process ${pid}: ${commandLine.slice(0, 120)}`);
  }
}

async function locksLeft(profiles: string): Promise<string[]> {
  const names = await readdir(profiles, { recursive: true });
  const locks = names.filter((name) => /(^|\/)Singleton\w+$/.test(name));
  return locks.map((name) => `left behind: the lock ${join("profiles", name)}`);
}
