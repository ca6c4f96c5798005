import { expect, test } from "vitest";
import { RecentIds } from "../../src/async/index.ts";

test("keeps the newest ids and removes the oldest beyond the limit", () => {
  const ids = new RecentIds(2);

  ids.add("a");
  ids.add("b");
  ids.add("a"); // now newer than b
  ids.add("c");

  expect(["a", "b", "c"].map((id) => ids.has(id))).toEqual([true, false, true]);
});

test("keeps its limit and order over many additions, repetitions and deletions", () => {
  const limit = 100;
  const ids = new RecentIds(limit);
  const expected: string[] = [];

  for (let step = 0; step < 20_000; step += 1) {
    const id = `id ${(step * 7_919) % 251}`;
    const known = expected.indexOf(id);
    if (known !== -1) expected.splice(known, 1);
    if (step % 5 === 0) {
      ids.delete(id);
      continue;
    }
    expected.push(id);
    if (expected.length > limit) expected.shift();
    ids.add(id);
  }

  const all = Array.from({ length: 251 }, (_, number) => `id ${number}`);
  expect(all.filter((id) => ids.has(id)).sort()).toEqual(expected.sort());
});

test("deletes an id before its turn", () => {
  const ids = new RecentIds(2);
  ids.add("a");

  expect(ids.delete("a")).toBe(true);
  expect(ids.delete("a")).toBe(false);
  expect(ids.has("a")).toBe(false);
});
