import { expect, test } from "vitest";
import { FairQueue, QueueFullError } from "../../src/media/thumbnails/fair-queue.ts";

const limits = { concurrency: 2, concurrencyPerKey: 1, maxWaiting: 10, maxWaitingPerKey: 5 };

/** Jobs that end on request, and the order in which they started. */
function newJobs() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const job = (name: string) => () =>
    new Promise<string>((resolve) => {
      started.push(name);
      ends.set(name, () => resolve(name));
    });
  return { started, job, end: (name: string) => ends.get(name)?.() };
}

test("leaves a slot to the other keys while one key has slow jobs", async () => {
  const queue = new FairQueue(limits);
  const { started, job, end } = newJobs();
  const slow = ["a1", "a2", "a3"].map((name) => queue.run("a", job(name)));
  const quick = queue.run("b", job("b1"));
  expect(started).toEqual(["a1", "b1"]);
  end("b1");
  expect(await quick).toBe("b1");
  expect(started).toEqual(["a1", "b1"]);
  for (const name of ["a1", "a2", "a3"]) {
    end(name);
    await slow[Number(name[1]) - 1];
    await Promise.resolve();
  }
  expect(started).toEqual(["a1", "b1", "a2", "a3"]);
});

test("lets the keys take turns", async () => {
  const queue = new FairQueue({ ...limits, concurrency: 1 });
  const { started, job, end } = newJobs();
  const all = ["a1", "a2", "a3", "b1", "c1", "b2"].map((name) => queue.run(name.charAt(0), job(name)));
  for (let turn = 0; turn < all.length; turn += 1) {
    const name = started[turn] ?? "";
    end(name);
    await expect.poll(() => started.length).toBe(Math.min(turn + 2, all.length));
  }
  await Promise.all(all);
  expect(started).toEqual(["a1", "a2", "b1", "c1", "a3", "b2"]);
});

test("continues after a job that fails", async () => {
  const queue = new FairQueue({ ...limits, concurrency: 1 });
  await expect(queue.run("a", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(await queue.run("a", async () => "next")).toBe("next");
});

test("limits the waiting jobs of each key and of all", async () => {
  const queue = new FairQueue(limits);
  const { job } = newJobs();
  const accepted = (key: string) => queue.run(key, job(key));
  for (let count = 0; count < 6; count += 1) void accepted("a"); // one runs
  await expect(accepted("a")).rejects.toThrow(QueueFullError);
  for (let count = 0; count < 6; count += 1) void accepted("b");
  await expect(accepted("c")).rejects.toThrow(QueueFullError);
});
