import { expect, test } from "vitest";
import { planFaults } from "../src/session-kills/faults/plan.ts";

test("the same seed gives the same plan, another seed another plan", () => {
  expect(planFaults(7, 20, 3)).toEqual(planFaults(7, 20, 3));
  expect(planFaults(8, 20, 3)).not.toEqual(planFaults(7, 20, 3));
});

test("plans the requested number of kills, all kinds of faults and all phones", () => {
  const faults = planFaults(1, 200, 3).flatMap((planned) => planned.faults);
  const kills = faults.filter(({ kind }) => kind !== "freeze");
  expect(kills).toHaveLength(200);
  expect(new Set(faults.map(({ kind }) => kind)).size).toBe(5);
  expect(new Set(faults.map(({ session }) => session)).size).toBe(3);
});
