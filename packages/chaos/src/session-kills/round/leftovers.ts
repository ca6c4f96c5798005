import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ConnectorPaths } from "../environment/connectors.ts";
import { processesOf } from "../faults/processes.ts";

/** A killed process may need a moment to end. */
const exitDeadlineMs = 15_000;
const pollIntervalMs = 50;

/** Lists processes, profile locks and temporary files that remain after everything was stopped. */
export async function findLeftovers({ profiles, temporary }: ConnectorPaths): Promise<string[]> {
  const found = [...(await processesLeft(dirname(profiles))), ...(await locksLeft(profiles))];
  const files = await readdir(temporary);
  return [
    ...found,
    ...(files.length > 0 ? [`left behind: ${files.length} temporary files, such as ${files.slice(0, 40)}`] : []),
  ];
}

async function processesLeft(folder: string): Promise<string[]> {
  for (let waitedMs = 0; ; waitedMs += pollIntervalMs) {
    const left = await processesOf(folder);
    if (left.length === 0) return [];
    if (waitedMs < exitDeadlineMs) await delay(pollIntervalMs);
    else return left.map(({ pid, commandLine }) => `left behind: process ${pid}: ${commandLine.slice(0, 120)}`);
  }
}

async function locksLeft(profiles: string): Promise<string[]> {
  const names = await readdir(profiles, { recursive: true });
  const locks = names.filter((name) => /(^|\/)Singleton\w+$/.test(name));
  return locks.map((name) => `left behind: the lock ${join("profiles", name)}`);
}
