import { randomUUID } from "node:crypto";
import type { MessageJob } from "@syszap/contracts";
import { currentLogContext, withLogContext } from "@syszap/platform";
import { expect, test } from "vitest";
import { Batcher } from "../src/processors/batcher.ts";

const companyId = randomUUID();
const job = (body: string, overrides: Partial<MessageJob> = {}): MessageJob => ({
  companyId,
  sessionId: randomUUID(),
  waKey: randomUUID(),
  direction: 0,
  waChatId: "1@c.us",
  kind: "text",
  body,
  client: { number: "55119", name: null },
  timestampMs: 1,
  generation: 1,
  receipt: 1,
  isHistory: false,
  ...overrides,
});
const bodies = (jobs: readonly MessageJob[]) => jobs.map(({ body }) => body);

const newBatcher = (store: (company: string, jobs: readonly MessageJob[]) => Promise<void>) =>
  new Batcher<MessageJob>({ store, nameOf: ({ waKey }) => waKey, sizeOf: ({ body }) => body.length });

/** A store that records its calls. Each call ends when the test ends it. */
function slowStore() {
  const calls: { jobs: string[]; end: (error?: Error) => void }[] = [];
  const store = (_company: string, jobs: readonly MessageJob[]) =>
    new Promise<void>((resolve, reject) => {
      calls.push({ jobs: bodies(jobs), end: (error) => (error ? reject(error) : resolve()) });
    });
  return { calls, store };
}

test("combines concurrent jobs, and puts jobs that arrive during a transaction into the next batch", async () => {
  const { calls, store } = slowStore();
  const batcher = newBatcher(store);
  const first = [batcher.add(job("a")), batcher.add(job("b"))];
  await expect.poll(() => calls.length).toBe(1);
  const second = [batcher.add(job("c")), batcher.add(job("d"))];
  expect(calls[0]?.jobs).toEqual(["a", "b"]);
  calls[0]?.end();
  await Promise.all(first);
  await expect.poll(() => calls.length).toBe(2);
  expect(calls[1]?.jobs).toEqual(["c", "d"]);
  calls[1]?.end();
  await Promise.all(second);
});

test("does not let one company wait for another", async () => {
  const { calls, store } = slowStore();
  const batcher = newBatcher(store);
  const held = batcher.add(job("a"));
  const other = batcher.add(job("b", { companyId: randomUUID() }));
  await expect.poll(() => calls.map(({ jobs }) => jobs)).toEqual([["a"], ["b"]]);
  calls[1]?.end();
  await other;
  calls[0]?.end();
  await held;
});

test("limits a batch in jobs and in characters", async () => {
  const sizes: number[] = [];
  const batcher = newBatcher(async (_company, jobs) => void sizes.push(jobs.length));
  await Promise.all(Array.from({ length: 250 }, () => batcher.add(job("short"))));
  await Promise.all(Array.from({ length: 12 }, () => batcher.add(job("x".repeat(200_000)))));
  expect(sizes).toEqual([100, 100, 50, 5, 5, 2]);
});

test("fails only the job that cannot be stored, and runs its next attempt alone beside the batches", async () => {
  const { calls, store } = slowStore();
  const failing = job("failing");
  const stored: string[] = [];
  let isHeld = false;
  const batcher = newBatcher(async (company, jobs) => {
    if (isHeld && jobs.includes(failing)) return store(company, jobs);
    if (jobs.includes(failing)) throw new Error("cannot be stored");
    stored.push(...bodies(jobs));
  });
  const others = Array.from({ length: 9 }, (_, n) => job(`${n}`));
  const outcomes = await Promise.allSettled(
    [...others.slice(0, 5), failing, ...others.slice(5)].map((j) => batcher.add(j)),
  );
  expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
  expect(outcomes[5]).toMatchObject({ status: "rejected", reason: { message: "cannot be stored" } });
  expect(stored).toEqual(bodies(others));

  isHeld = true;
  const again = batcher.add(failing);
  await Promise.all([job("later"), job("and later")].map((each) => batcher.add(each)));
  expect(calls.map(({ jobs }) => jobs)).toEqual([["failing"]]);
  expect(stored.slice(-2)).toEqual(["later", "and later"]);
  calls[0]?.end();
  await again;
});

test("does not halve a batch or mark its jobs as failed while Postgres is unavailable", async () => {
  const batches: string[][] = [];
  let isUnavailable = true;
  const batcher = newBatcher(async (_company, jobs) => {
    batches.push(bodies(jobs));
    if (isUnavailable) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  });
  const jobs = [job("a"), job("b"), job("c")];
  const failed = await Promise.allSettled(jobs.map((each) => batcher.add(each)));
  expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  isUnavailable = false;
  await Promise.all(jobs.map((each) => batcher.add(each)));
  expect(batches).toEqual([
    ["a", "b", "c"],
    ["a", "b", "c"],
  ]);
});

test("stores each batch in the log context of its own first job", async () => {
  const contexts: unknown[] = [];
  const batcher = newBatcher(async () => void contexts.push(currentLogContext()));
  const add = (body: string) => withLogContext({ jobId: "outer" }, () => batcher.add(job(body, { waKey: body })));
  await Promise.all([add("a"), add("b"), Promise.resolve().then(() => add("c"))]);
  expect(contexts).toEqual([{ jobId: "a" }, { jobId: "c" }]);
});
