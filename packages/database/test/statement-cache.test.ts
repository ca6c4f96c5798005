import { expect, test } from "vitest";
import { StatementCache } from "../src/sql/statement-cache.ts";

test("translates named bindings to positions, and leaves casts alone", () => {
  const { text, keys, name } = new StatementCache(1).get("select :id::uuid, :other, :id");
  expect(text).toBe("select $1::uuid, $2, $1");
  expect(keys).toEqual(["id", "other"]);
  expect(name).toMatch(/^[0-9a-f]{32}$/);
});

test("returns the same statement for the same text, and rejects texts beyond the limit", () => {
  const cache = new StatementCache(2);
  const first = cache.get("select 1");
  cache.get("select 2");
  expect(cache.get("select 1")).toBe(first);
  expect(() => cache.get("select 3")).toThrow("more than 2 prepared statements");
});
