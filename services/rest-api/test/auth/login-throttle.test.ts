import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { type LoginAttempt, LoginThrottle } from "../../src/auth/login-throttle.ts";
import { defaultLimits, type Limits } from "../../src/limit-environment.ts";
import { ProblemError } from "../../src/problem.ts";
import { type Api, test } from "../support/api-test.ts";

/** Tests share one Redis, so each takes its own addresses. Any text is an address to the throttle. */
const newHome = () => ({ email: `${randomUUID()}@example.com`, address: randomUUID() });
const wrong = () => Promise.reject(new ProblemError("wrong_credentials", "wrong"));
const right = () => Promise.resolve("signed in");

function openThrottle(api: Api, overrides: Partial<Limits> = {}, kind: "user" | "operator" = "user") {
  const delays: number[] = [];
  const throttle = new LoginThrottle({
    kind,
    redis: api.redis,
    limits: { ...defaultLimits, ...overrides },
    pause: async (ms) => void delays.push(ms),
  });
  /** The result, or the problem of the rejection. */
  const attempt = (who: LoginAttempt, verify: () => Promise<string>) =>
    throttle.attempt(who, verify).catch((error: unknown) => (error instanceof ProblemError ? error.problem : error));
  return { attempt, delays };
}

test("blocks one e-mail address at one network address after ten wrong passwords", async ({ api }) => {
  const home = newHome();
  const { attempt } = openThrottle(api);
  const guesses = await Promise.all(Array.from({ length: 30 }, () => attempt(home, wrong)));
  expect(guesses.filter((outcome) => outcome === "wrong_credentials")).toHaveLength(10);
  expect(await attempt(home, right)).toBe("too_many");
  expect(await attempt({ ...home, address: "elsewhere" }, right)).toBe("signed in");
  expect(await attempt({ ...home, email: "bia@example.com" }, right)).toBe("signed in");
  expect(await openThrottle(api, {}, "operator").attempt(home, right)).toBe("signed in");
});

test("only delays an e-mail address that strangers guess from many network addresses", async ({ api }) => {
  const home = newHome();
  const { attempt, delays } = openThrottle(api, { LIMIT_LOGIN_MAX_DELAY_MS: 2_000 });
  expect(await attempt(home, right)).toBe("signed in");
  for (let n = 0; n < 15; n++)
    expect(await attempt({ ...home, address: `stranger ${n}` }, wrong)).toBe("wrong_credentials");
  expect(delays).toEqual([250, 500, 1_000, 2_000, 2_000]);
  expect(await attempt(home, right)).toBe("signed in");
  expect(delays).toHaveLength(5);
  expect(await attempt({ email: home.email.toUpperCase(), address: "on a trip" }, right)).toBe("signed in");
  expect(delays).toHaveLength(6);
});

test("limits a network address, but not people who signed in from it before", async ({ api }) => {
  const home = newHome();
  const { attempt } = openThrottle(api, { LIMIT_LOGIN_ADDRESS_FAILURES: 20 });
  expect(await attempt(home, right)).toBe("signed in");
  for (let n = 0; n < 20; n++) await attempt({ email: `${n}.${home.email}`, address: home.address }, wrong);
  expect(await attempt({ ...home, email: "new@example.com" }, right)).toBe("too_many");
  expect(await attempt(home, right)).toBe("signed in");
  expect(await attempt({ email: "new@example.com", address: "elsewhere" }, right)).toBe("signed in");
});

test("does not count successful sign-ins, concurrent ones or failures of the server", async ({ api }) => {
  const home = newHome();
  const { attempt, delays } = openThrottle(api, { LIMIT_LOGIN_ADDRESS_FAILURES: 2, LIMIT_LOGIN_DELAY_AFTER: 1 });
  const people = Array.from({ length: 50 }, (_, n) => ({ email: `${n}.${home.email}`, address: home.address }));
  const outcomes = await Promise.all(people.map((who) => attempt(who, right)));
  expect(new Set(outcomes)).toEqual(new Set(["signed in"]));
  const failure = new Error("the database is not available");
  for (let n = 0; n < 20; n++) expect(await attempt(home, () => Promise.reject(failure))).toBe(failure);
  expect(await attempt(home, right)).toBe("signed in");
  expect(delays).toEqual([]);
});

test("counts in memory while Redis is not available", async ({ api }) => {
  const home = newHome();
  const { attempt } = openThrottle(api);
  api.redis.disconnect();
  for (let n = 0; n < 10; n++) expect(await attempt(home, wrong)).toBe("wrong_credentials");
  expect(await attempt(home, right)).toBe("too_many");
});
