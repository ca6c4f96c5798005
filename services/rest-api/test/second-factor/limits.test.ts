import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { defaultLimits, type Limits } from "../../src/limit-environment.ts";
import { ProblemError } from "../../src/problem.ts";
import { type CodeAttempt, CodeThrottle } from "../../src/second-factor/code-throttle.ts";
import { type Api, test } from "../support/api-test.ts";
import { challengeOf, enterCode, logIn, newAddress, newProtectedUser } from "../support/second-factor.ts";

const newHome = () => ({ id: randomUUID(), address: randomUUID() });
const wrong = () => Promise.reject(new ProblemError("wrong_code", "wrong"));
const right = () => Promise.resolve("accepted");

function openThrottle(api: Api, overrides: Partial<Limits> = {}, kind: "user" | "operator" = "user") {
  const throttle = new CodeThrottle({ kind, redis: api.redis, limits: { ...defaultLimits, ...overrides } });
  /** The result, or the problem of the rejection. */
  return (attempt: CodeAttempt, verify: () => Promise<string>) =>
    throttle
      .attempt(attempt, verify)
      .catch((error: unknown) => (error instanceof ProblemError ? error.problem : error));
}

test("blocks an account at a network address after ten wrong codes, also of concurrent guesses", async ({ api }) => {
  const home = newHome();
  const attempt = openThrottle(api);
  const guesses = await Promise.all(Array.from({ length: 30 }, () => attempt(home, wrong)));
  expect(guesses.filter((outcome) => outcome === "wrong_code")).toHaveLength(10);
  expect(await attempt(home, right)).toBe("too_many");
  expect(await attempt({ ...home, address: "elsewhere" }, right)).toBe("accepted");
  expect(await attempt({ ...home, id: randomUUID() }, right)).toBe("accepted");
  expect(await openThrottle(api, {}, "operator")(home, right)).toBe("accepted");
});

test("blocks an account after twenty wrong codes from anywhere, but not where a correct code was used", async ({
  api,
}) => {
  const home = newHome();
  const attempt = openThrottle(api);
  expect(await attempt(home, right)).toBe("accepted");
  for (let n = 0; n < 20; n++) expect(await attempt({ ...home, address: `stranger ${n}` }, wrong)).toBe("wrong_code");
  expect(await attempt({ ...home, address: "stranger 20" }, wrong)).toBe("too_many");
  expect(await attempt(home, right)).toBe("accepted");
});

test("limits a network address over all accounts", async ({ api }) => {
  const { address } = newHome();
  const attempt = openThrottle(api, { LIMIT_CODE_ADDRESS_FAILURES: 15 });
  for (let n = 0; n < 15; n++) expect(await attempt({ id: randomUUID(), address }, wrong)).toBe("wrong_code");
  expect(await attempt({ id: randomUUID(), address }, right)).toBe("too_many");
});

test("does not count correct codes and failures of the server", async ({ api }) => {
  const home = newHome();
  const attempt = openThrottle(api);
  for (let n = 0; n < 25; n++) expect(await attempt(home, right)).toBe("accepted");
  for (let n = 0; n < 25; n++) await attempt(home, () => Promise.reject(new Error("no database")));
  expect(await attempt(home, right)).toBe("accepted");
});

test("answers too many wrong codes with the time to wait, for recovery codes too", async ({ api }) => {
  const user = await newProtectedUser(api);
  const from = newAddress();
  const challenge = await challengeOf(api, user);
  for (let n = 0; n < 10; n++)
    await enterCode(api, challenge, n % 2 ? "000000" : "0000-0000-0000-0000", from).expect(422);
  const { body, headers } = await enterCode(api, challenge, user.app.at(0), from).expect(429);
  expect(body.type).toBe("/problems/too-many-requests");
  expect(Number(headers["retry-after"])).toBeGreaterThan(3_500);
  await enterCode(api, challenge, user.recoveryCodes[0] ?? "", from).expect(429);
  await enterCode(api, challenge, user.app.next()).expect(200);
});

test("does not let strangers without the password use up the limits", async ({ api }) => {
  const user = await newProtectedUser(api);
  for (let n = 0; n < 30; n++) await enterCode(api, `challenge ${n}`, "000000").expect(401);
  await enterCode(api, await challengeOf(api, user), user.app.next()).expect(200);
  await logIn(api, user).expect(200);
});
