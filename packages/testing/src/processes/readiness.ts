import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { OwnedProcess } from "./owned-process.ts";

const probeEveryMs = 20;
const deadlineMs = 60_000;
const shownLogLength = 2_000;

/** Waits until `probe` succeeds. Rejects with the end of the log if the server exits first or the deadline passes. */
export async function untilReady(name: string, server: OwnedProcess, logFile: string, probe: () => Promise<void>) {
  const state: { exitCode?: number } = {};
  void server.exited.then((code) => {
    state.exitCode = code;
  });
  for (const startedAt = Date.now(); ; ) {
    if (state.exitCode !== undefined) {
      throw new Error(`${name} exited with code ${state.exitCode} before it was ready:\n${await endOf(logFile)}`);
    }
    try {
      return await probe();
    } catch (err) {
      if (Date.now() - startedAt > deadlineMs) {
        await server.kill();
        throw new Error(`${name} was not ready within ${deadlineMs} ms:\n${await endOf(logFile)}`, { cause: err });
      }
    }
    await delay(probeEveryMs);
  }
}

const endOf = async (logFile: string) =>
  (await readFile(logFile, "utf8").catch(() => "")).slice(-shownLogLength).trim();
