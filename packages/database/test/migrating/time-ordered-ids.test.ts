import { validate, version } from "uuid";
import { expect } from "vitest";
import { test } from "../fixtures.ts";

const growing = ["audit_log", "chats", "clients", "dead_letters", "messages", "push_deliveries", "unknown_payloads"];

test("tables that grow with the traffic generate time-ordered ids", async ({ owner }) => {
  const { rows } = await owner.raw(
    `select table_name from information_schema.columns
     where table_schema = 'public' and column_default = 'uuid_v7()' order by 1`,
  );
  expect(rows.map(({ table_name }: { table_name: string }) => table_name)).toEqual(growing);
});

test("generated ids are UUIDs of version 7 that begin with the time, and no two are equal", async ({ owner }) => {
  const { rows } = await owner.raw(
    `select uuid_v7() as id, floor(extract(epoch from clock_timestamp()) * 1000)::bigint as ms from generate_series(1, 2000)`,
  );
  const ids = rows.map(({ id }: { id: string }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, ms } of rows) {
    expect([validate(id), version(id)]).toEqual([true, 7]);
    // The clock was read once before the time of the row, at most some milliseconds earlier.
    expect(Number(ms) - Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBeGreaterThanOrEqual(-1);
  }
  const times = ids.map((id: string) => id.slice(0, 13));
  expect(times).toEqual(times.toSorted());
});
