import { expect, test } from "vitest";
import { planBlows } from "../src/session-kills/faults/plan.ts";

test("a seed always plans the same faults, another seed others", () => {
  expect(planBlows(7, 20, 3)).toEqual(planBlows(7, 20, 3));
  expect(planBlows(8, 20, 3)).not.toEqual(planBlows(7, 20, 3));
});

test("as many processes are killed as were asked for, of every kind, on every phone", () => {
  const faults = planBlows(1, 200, 3).flatMap((blow) => blow.faults);
  const kills = faults.filter(({ kind }) => kind !== "freeze");
  expect(kills).toHaveLength(200);
  expect(new Set(faults.map(({ kind }) => kind)).size).toBe(5);
  expect(new Set(faults.map(({ session }) => session)).size).toBe(3);
});
