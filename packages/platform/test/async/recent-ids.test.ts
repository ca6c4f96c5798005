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

test("deletes an id before its turn", () => {
  const ids = new RecentIds(2);
  ids.add("a");

  expect(ids.delete("a")).toBe(true);
  expect(ids.delete("a")).toBe(false);
  expect(ids.has("a")).toBe(false);
});
