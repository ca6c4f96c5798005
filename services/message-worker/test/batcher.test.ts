import { randomUUID } from "node:crypto";
import type { MessageJob } from "@syszap/contracts";
import { expect, test } from "vitest";
import { Batcher } from "../src/processors/batcher.ts";

const companyId = randomUUID();
const job = (body: string, overrides: Partial<MessageJob> = {}): MessageJob => ({
  ...{ companyId, sessionId: randomUUID(), waKey: randomUUID(), direction: 0, waChatId: "1@c.us", kind: "text", body },
  ...{ client: { number: "55119", name: null }, timestampMs: 1, generation: 1, receipt: 1, isHistory: false },
  ...overrides,
});
const bodies = (jobs: readonly MessageJob[]) => jobs.map(({ body }) => body);

const newBatcher = (store: (company: string, jobs: readonly MessageJob[]) => Promise<void>) =>
  new Batcher<MessageJob>({ store, nameOf: ({ waKey }) => waKey, sizeOf: ({ body }) => body.length });

/** A store that tells what it was given, and ends each call on order. */
function slowStore() {
  const calls: { jobs: string[]; end: (error?: Error) => void }[] = [];
  const store = (_company: string, jobs: readonly MessageJob[]) =>
    new Promise<void>((resolve, reject) => {
      calls.push({ jobs: bodies(jobs), end: (error) => (error ? reject(error) : resolve()) });
    });
  return { calls, store };
}

test("what waits together goes together, and what comes meanwhile goes next", async () => {
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

test("companies do not wait for each other", async () => {
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

test("a batch is bounded in messages and in characters", async () => {
  const sizes: number[] = [];
  const batcher = newBatcher(async (_company, jobs) => void sizes.push(jobs.length));
  await Promise.all(Array.from({ length: 250 }, () => batcher.add(job("short"))));
  await Promise.all(Array.from({ length: 12 }, () => batcher.add(job("x".repeat(200_000)))));
  expect(sizes).toEqual([100, 100, 50, 5, 5, 2]);
});

test("only the poisonous message fails; tried again it goes alone, and nobody waits for it", async () => {
  const { calls, store } = slowStore();
  const poison = job("poison");
  const stored: string[] = [];
  let isHeld = false;
  const batcher = newBatcher(async (company, jobs) => {
    if (isHeld && jobs.includes(poison)) return store(company, jobs);
    if (jobs.includes(poison)) throw new Error("poisonous");
    stored.push(...bodies(jobs));
  });
  const others = Array.from({ length: 9 }, (_, n) => job(`${n}`));
  const outcomes = await Promise.allSettled(
    [...others.slice(0, 5), poison, ...others.slice(5)].map((j) => batcher.add(j)),
  );
  expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
  expect(outcomes[5]).toMatchObject({ status: "rejected", reason: { message: "poisonous" } });
  expect(stored).toEqual(bodies(others));

  isHeld = true;
  const again = batcher.add(poison);
  await Promise.all([job("later"), job("and later")].map((each) => batcher.add(each)));
  expect(calls.map(({ jobs }) => jobs)).toEqual([["poison"]]);
  expect(stored.slice(-2)).toEqual(["later", "and later"]);
  calls[0]?.end();
  await again;
});

test("while Postgres is away the batch is not taken apart, and nobody is under suspicion", async () => {
  const batches: string[][] = [];
  let isAway = true;
  const batcher = newBatcher(async (_company, jobs) => {
    batches.push(bodies(jobs));
    if (isAway) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  });
  const jobs = [job("a"), job("b"), job("c")];
  const failed = await Promise.allSettled(jobs.map((each) => batcher.add(each)));
  expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  isAway = false;
  await Promise.all(jobs.map((each) => batcher.add(each)));
  expect(batches).toEqual([
    ["a", "b", "c"],
    ["a", "b", "c"],
  ]);
});
