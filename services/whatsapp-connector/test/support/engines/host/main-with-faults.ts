import { spawn } from "node:child_process";
import { isMainThread } from "node:worker_threads";
import { runGuard } from "../../../../src/engines/host/guard.ts";
import { runHost } from "../../../../src/engines/host/run-host.ts";

/**
 * A host as in production, with child processes in place of a browser. SIGUSR2 blocks its event loop for ever, SIGWINCH
 * fills its heap.
 */
if (!isMainThread) runGuard();
else {
  runHost(new URL(import.meta.url));
  spawn("sleep", ["300"], { stdio: "ignore" });
  spawn("sh", ["-c", "sleep 300 & sleep 300"], { stdio: "ignore", detached: true });
  process.on("SIGUSR2", () => {
    for (;;);
  });
  process.on("SIGWINCH", () => {
    const kept: string[][] = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, at) => `object ${at} of many`));
  });
}
