import { decodeJwt } from "jose";
import { Secret } from "otpauth";
import { expect, vi } from "vitest";
import { newUser, test } from "../support/api-test.ts";
import { asOwner } from "../support/as-owner.ts";
import { challengeOf, enterCode, logIn, newProtectedUser, type ProtectedUser } from "../support/second-factor.ts";

const typeOf = (res: { body: { type: string } }) => res.body.type;
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort();

/** Moves the clock of the server and of the tokens. The authenticator app follows it. */
function moveClock(onTestFinished: (fn: () => void) => void, ms: number): void {
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

test("asks for a code after the password, and then signs in", async ({ api }) => {
  const user = await newProtectedUser(api);
  const first = await logIn(api, user).expect(200);
  expect(first.body).toEqual({
    secondFactor: "code_required",
    challenge: expect.any(String),
    expiresInSeconds: 300,
  });
  expect(first.headers).not.toHaveProperty("set-cookie");
  const { body, headers } = await enterCode(api, first.body.challenge, user.app.next()).expect(200);
  expect(body).toMatchObject({ accessToken: expect.any(String), me: { userId: user.userId } });
  const cookie = (headers["set-cookie"] as unknown as string[])[0]?.split(";")[0] ?? "";
  await api.request.get("/v1/me").set("Authorization", `Bearer ${body.accessToken}`).expect(200);
  await api.request.post("/v1/auth/refresh").set("Cookie", cookie).expect(200);
});

test("answers a wrong password alike with and without a second factor", async ({ api }) => {
  const [user, other] = [await newProtectedUser(api), await newUser(api)];
  const guess = (email: string) => api.request.post("/v1/auth/login").send({ email, password: "wrong" }).expect(401);
  expect((await guess(user.email)).body).toEqual((await guess(other.email)).body);
});

test("accepts a code once, also when two requests send it at the same time", async ({ api }) => {
  const user = await newProtectedUser(api);
  const challenges = await Promise.all(Array.from({ length: 6 }, () => challengeOf(api, user)));
  const code = user.app.next();
  const answers = await Promise.all(challenges.map((challenge) => enterCode(api, challenge, code)));
  expect(statuses(answers)).toEqual([200, 422, 422, 422, 422, 422]);
  expect(answers.filter(({ status }) => status === 422).map(typeOf)).toEqual(Array(5).fill("/problems/wrong-code"));
});

test("refuses a code that is older than one that was used", async ({ api, onTestFinished }) => {
  const user = await newProtectedUser(api);
  moveClock(onTestFinished, 120_000);
  const challenge = await challengeOf(api, user);
  await enterCode(api, challenge, user.app.at(0)).expect(200);
  for (const offset of [-1, 0]) await enterCode(api, challenge, user.app.at(offset)).expect(422);
  await enterCode(api, challenge, user.app.at(2)).expect(422);
  await enterCode(api, challenge, user.app.at(1)).expect(200);
});

test("answers a wrong, an old and a used code alike", async ({ api }) => {
  const user = await newProtectedUser(api);
  const challenge = await challengeOf(api, user);
  const used = user.app.next();
  await enterCode(api, challenge, used).expect(200);
  const bodies = new Set<string>();
  for (const code of [used, user.app.at(-5), "000000", "12345", "abcd-efgh-jkmn-pqrs", "❤"])
    bodies.add(JSON.stringify((await enterCode(api, challenge, code).expect(422)).body));
  expect(bodies.size).toBe(1);
});

test("accepts a code with spaces, as apps show it", async ({ api }) => {
  const user = await newProtectedUser(api);
  const code = user.app.next();
  await enterCode(api, await challengeOf(api, user), ` ${code.slice(0, 3)} ${code.slice(3)} `).expect(200);
});

test("accepts each recovery code once, also when two requests send it at the same time", async ({ api }) => {
  const user = await newProtectedUser(api);
  const challenge = await challengeOf(api, user);
  const [code = "", other = ""] = user.recoveryCodes;
  expect(user.recoveryCodes).toHaveLength(10);
  const answers = await Promise.all([1, 2, 3, 4].map(() => enterCode(api, challenge, code.toUpperCase())));
  expect(statuses(answers)).toEqual([200, 422, 422, 422]);
  await enterCode(api, challenge, code).expect(422);
  await enterCode(api, challenge, other.replaceAll("-", "")).expect(200);
  const { body } = await api.request.get("/v1/me/second-factor").set(user.bearer).expect(200);
  expect(body).toMatchObject({ isOn: true, recoveryCodesLeft: 8 });
});

test("accepts no recovery code of somebody else", async ({ api }) => {
  const [user, other] = [await newProtectedUser(api), await newProtectedUser(api)];
  await enterCode(api, await challengeOf(api, user), other.recoveryCodes[0] ?? "").expect(422);
});

test("refuses a challenge after five minutes", async ({ api, onTestFinished }) => {
  const user = await newProtectedUser(api);
  const challenge = await challengeOf(api, user);
  moveClock(onTestFinished, 5 * 60_000 + 1_000);
  const res = await enterCode(api, challenge, user.app.at(0)).expect(401);
  expect(res.body).toMatchObject({
    type: "/problems/challenge-expired",
    detail: "Sign in again with your e-mail address and password.",
  });
});

test("refuses changed challenges and other kinds of tokens as challenges", async ({ api }) => {
  const user = await newProtectedUser(api);
  const challenge = await challengeOf(api, user);
  const claims = { sub: user.userId, cid: user.companyId, lid: user.loginId, role: user.role };
  const { ticket } = await api.tokens.issueTicket({ ...claims, exp: Date.now() / 1_000 + 60 });
  const others = ["nonsense", `${challenge}x`, ticket, user.bearer.Authorization.slice("Bearer ".length)];
  for (const token of others) {
    const res = await enterCode(api, token, user.app.at(0)).expect(401);
    expect(typeOf(res)).toBe("/problems/challenge-expired");
  }
});

test("accepts a challenge for nothing else", async ({ api }) => {
  const user = await newProtectedUser(api);
  const challenge = await challengeOf(api, user);
  expect(decodeJwt(challenge).aud).toBe("syszap-second-factor");
  await api.request.get("/v1/me").set("Authorization", `Bearer ${challenge}`).expect(401);
  await api.request.post("/v1/realtime/ticket").set("Authorization", `Bearer ${challenge}`).expect(401);
  for (const [step, body] of Object.entries({ setup: {}, activate: { code: user.app.at(0) } })) {
    const res = await api.request.post(`/v1/auth/login/second-factor/${step}`).send({ challenge, ...body });
    expect([res.status, typeOf(res)]).toEqual([401, "/problems/challenge-expired"]);
  }
});

const endings: Record<string, (user: ProtectedUser) => { sql: string; values: string[] }> = {
  "the password changed": ({ userId }) => ({
    sql: "update users set password_hash = 'another' where id = $1",
    values: [userId],
  }),
  "the user was disabled": ({ userId }) => ({
    sql: "update users set disabled_at = now() where id = $1",
    values: [userId],
  }),
  "the second factor was removed": ({ userId }) => ({
    sql: "delete from second_factors where user_id = $1",
    values: [userId],
  }),
};
for (const [reason, change] of Object.entries(endings))
  test(`refuses a challenge when ${reason} after it was issued`, async ({ api, database }) => {
    const user = await newProtectedUser(api);
    const challenge = await challengeOf(api, user);
    const { sql, values } = change(user);
    await asOwner(database.ownerUrl, sql, values);
    expect(typeOf(await enterCode(api, challenge, user.app.next()).expect(401))).toBe("/problems/challenge-expired");
  });

test("stores the secret and the recovery codes unreadably", async ({ api, database }) => {
  const user = await newProtectedUser(api);
  const sql = "select array_append(recovery_hashes, sealed_secret) as stored from second_factors where user_id = $1";
  const rows = await asOwner(database.ownerUrl, sql, [user.userId]);
  const stored = rows.flatMap((row) => row.stored as Buffer[]);
  expect(stored).toHaveLength(11);
  const bytesOfSecret = Buffer.from(Secret.fromBase32(user.app.secret).bytes);
  const texts = [user.app.secret, ...user.recoveryCodes, ...user.recoveryCodes.map((code) => code.replaceAll("-", ""))];
  for (const bytes of stored)
    for (const plain of [bytesOfSecret, ...texts.map((text) => Buffer.from(text))])
      expect(bytes.includes(plain)).toBe(false);
});

test("refuses pages of other origins", async ({ api }) => {
  const user = await newProtectedUser(api);
  const challenge = await challengeOf(api, user);
  const res = await enterCode(api, challenge, user.app.at(0), { Origin: "https://evil.example.com" }).expect(403);
  expect(typeOf(res)).toBe("/problems/foreign-origin");
});
