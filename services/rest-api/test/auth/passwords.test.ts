import { hash } from "@node-rs/argon2";
import { expect, test } from "vitest";
import { Passwords } from "../../src/auth/passwords.ts";

/** Returns the CPU time of all threads in microseconds, which does not depend on the load of the machine. */
async function cpuTimeOf(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

test("matches a password with its own hash only, and never without a hash", async () => {
  const passwords = await Passwords.create();
  const stored = await hash("açaí com granola");
  expect(await passwords.matches("açaí com granola", stored)).toBe(true);
  expect(await passwords.matches("acai com granola", stored)).toBe(false);
  expect(await passwords.matches("açaí com granola", undefined)).toBe(false);
  expect(await passwords.matches("açaí com granola", "no hash at all")).toBe(false);
});

test("hashes with Argon2id at the cost that OWASP recommends", async () => {
  const passwords = await Passwords.create();
  expect(await passwords.hash("açaí com granola")).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test("spends the same work with and without a stored hash", async () => {
  const passwords = await Passwords.create();
  const stored = await hash("açaí com granola");
  const [without, withHash]: [number[], number[]] = [[], []];
  for (let round = 0; round < 5; round++) {
    withHash.push(await cpuTimeOf(() => passwords.matches("wrong", stored)));
    without.push(await cpuTimeOf(() => passwords.matches("wrong", undefined)));
  }
  expect(Math.min(...without)).toBeGreaterThan(Math.min(...withHash) / 3);
});
