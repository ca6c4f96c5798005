import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { OwnedProcess } from "./owned-process.ts";

const probeEveryMs = 20;
const deadlineMs = 20_000;
const shownLogLength = 2_000;

/** Waits until `probe` succeeds. A server that ends first is an error that shows the end of its log. */
export async function untilReady(name: string, server: OwnedProcess, logFile: string, probe: () => Promise<void>) {
  const state: { exitCode?: number } = {};
  void server.exited.then((code) => {
    state.exitCode = code;
  });
  for (const startedAt = Date.now(); ; ) {
    if (state.exitCode !== undefined) {
      throw new Error(`${name} ended with exit code ${state.exitCode} instead of starting:\n${await endOf(logFile)}`);
    }
    try {
      return await probe();
    } catch (err) {
      if (Date.now() - startedAt > deadlineMs) {
        await server.kill();
        throw new Error(`${name} did not answer within ${deadlineMs} ms:\n${await endOf(logFile)}`, { cause: err });
      }
    }
    await delay(probeEveryMs);
  }
}

const endOf = async (logFile: string) =>
  (await readFile(logFile, "utf8").catch(() => "")).slice(-shownLogLength).trim();
