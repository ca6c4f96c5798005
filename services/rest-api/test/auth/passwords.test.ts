import { hash } from "@node-rs/argon2";
import { expect, test } from "vitest";
import { Passwords } from "../../src/auth/passwords.ts";

/** Processor time of all threads: unlike the clock it does not depend on what else the machine does. */
async function workOf(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

test("a password fits its own hash and no other, and nothing fits no hash", async () => {
  const passwords = await Passwords.create();
  const stored = await hash("açaí com granola");
  expect(await passwords.matches("açaí com granola", stored)).toBe(true);
  expect(await passwords.matches("acai com granola", stored)).toBe(false);
  expect(await passwords.matches("açaí com granola", undefined)).toBe(false);
  expect(await passwords.matches("açaí com granola", "no hash at all")).toBe(false);
});

test("saying no without a hash takes the work of saying no with one", async () => {
  const passwords = await Passwords.create();
  const stored = await hash("açaí com granola");
  const [without, withHash]: [number[], number[]] = [[], []];
  for (let round = 0; round < 5; round++) {
    withHash.push(await workOf(() => passwords.matches("wrong", stored)));
    without.push(await workOf(() => passwords.matches("wrong", undefined)));
  }
  expect(Math.min(...without)).toBeGreaterThan(Math.min(...withHash) / 3);
});
