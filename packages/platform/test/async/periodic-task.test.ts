import { expect, test, vi } from "vitest";
import { PeriodicTask } from "../../src/async/index.ts";

const hourMs = 3_600_000;

function deferred() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test("runs again after a failed run", async () => {
  const errors: unknown[] = [];
  const thirdRun = deferred();
  let runs = 0;
  const task = new PeriodicTask({
    everyMs: 1,
    run: async () => {
      runs += 1;
      if (runs === 3) thirdRun.resolve();
      throw new Error(`run ${runs}`);
    },
    onError: (err) => errors.push((err as Error).message),
  });

  task.start();
  await thirdRun.promise;
  await task.stop();

  expect(errors).toEqual(["run 1", "run 2", "run 3"]);
});

test("never overlaps two runs, and a stop waits for the current one", async () => {
  const started = deferred();
  const release = deferred();
  const events: string[] = [];
  const task = new PeriodicTask({
    everyMs: 1,
    run: async () => {
      events.push("run started");
      started.resolve();
      await release.promise;
      events.push("run ended");
    },
    onError: () => {},
  });

  task.start();
  await started.promise;
  const stopped = task.stop().then(() => events.push("stopped"));
  release.resolve();
  await stopped;

  expect(events).toEqual(["run started", "run ended", "stopped"]);
});

test("runs at the start only when asked to", async () => {
  const run = vi.fn(async () => {});
  const later = new PeriodicTask({ everyMs: hourMs, run, onError: () => {} });
  later.start();
  await later.stop();
  expect(run).not.toHaveBeenCalled();

  const atOnce = new PeriodicTask({ everyMs: hourMs, run, onError: () => {}, runsAtStart: true });
  atOnce.start();
  await atOnce.stop();
  expect(run).toHaveBeenCalledOnce();
});
