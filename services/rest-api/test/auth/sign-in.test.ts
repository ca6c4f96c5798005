import { channels, keys } from "@syszap/contracts";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { expect, vi } from "vitest";
import { startServer } from "../../src/server.ts";
import { type Api, allowedOrigin, eventsOf, listen, newUser, password, test } from "../support/api-test.ts";
import { asOwner } from "../support/as-owner.ts";

/** Gives each test its own network address, so that tests do not share rate limits. */
let addresses = 1;
const newAddress = () => ({ "X-Forwarded-For": `203.0.113.${addresses++}` });

const logIn = (api: Api, email: string, secret = password, headers: Record<string, string> = newAddress()) =>
  api.request.post("/v1/auth/login").set(headers).send({ email, password: secret });
const cookieOf = (res: { headers: Record<string, unknown> }) => (res.headers["set-cookie"] as string[])[0] ?? "";
const withCookie = (res: { headers: Record<string, unknown> }) => ({ Cookie: cookieOf(res).split(";")[0] ?? "" });

test("signs in with an access token and an HttpOnly cookie", async ({ api }) => {
  const user = await newUser(api, "admin");
  const res = await logIn(api, user.email.toUpperCase()).expect(200);
  expect(res.body).toEqual({
    accessToken: expect.any(String),
    expiresInSeconds: 600,
    me: {
      userId: user.userId,
      companyId: user.companyId,
      companyName: "Padaria São João",
      name: "Ana Souza",
      email: user.email,
      role: "admin",
      language: "pt-BR",
      pictureId: null,
    },
  });
  expect(cookieOf(res)).toMatch(/^syszap_refresh=[\w-]{43}; Path=\/v1\/auth; Expires=.+; HttpOnly; SameSite=Strict$/);
  const me = await api.request.get("/v1/me").set("Authorization", `Bearer ${res.body.accessToken}`).expect(200);
  expect(me.body).toEqual(res.body.me);
});

test("marks the cookie as secure when the page uses HTTPS", async ({ api }) => {
  const user = await newUser(api);
  const behindProxy = await logIn(api, user.email, password, { ...newAddress(), "X-Forwarded-Proto": "https" });
  expect(cookieOf(behindProxy)).toContain("; Secure");
  const fromPage = await logIn(api, user.email, password, { ...newAddress(), Origin: allowedOrigin });
  expect(cookieOf(fromPage)).toContain("; Secure");
});

test("publishes the keys with which gateways verify access tokens", async ({ api, onTestFinished }) => {
  const server = await startServer(api.app, { host: "127.0.0.1", port: 0 });
  onTestFinished(server.close);
  const user = await newUser(api);
  const { body } = await logIn(api, user.email).expect(200);
  const url = new URL(`http://127.0.0.1:${server.port}/.well-known/jwks.json`);
  const { payload } = await jwtVerify(body.accessToken, createRemoteJWKSet(url), { algorithms: ["EdDSA"] });
  expect(payload).toMatchObject({ iss: "syszap", aud: "syszap", sub: user.userId, cid: user.companyId });
  expect(payload.exp).toBe((payload.iat ?? 0) + 600);
  const { body: keySet } = await api.request.get("/.well-known/jwks.json").expect(200);
  expect(Object.keys(keySet.keys[0]).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
});

test("answers alike for an unknown address, a wrong password and a disabled user", async ({ api, database }) => {
  const [user, disabled] = [await newUser(api), await newUser(api)];
  await disable(database.ownerUrl, disabled.userId);
  const answers = [
    await logIn(api, "nobody@example.com"),
    await logIn(api, user.email, "wrong"),
    await logIn(api, disabled.email),
  ];
  for (const { status, body, headers } of answers) {
    expect({ status, body }).toEqual({ status: 401, body: answers[0]?.body });
    expect(headers).not.toHaveProperty("set-cookie");
  }
  expect(answers[0]?.body.type).toBe("/problems/wrong-credentials");
});

const disable = (ownerUrl: string, userId: string) =>
  asOwner(ownerUrl, "update users set disabled_at = now() where id = $1", [userId]);

test("verifies the password also for unknown addresses, to hide them", async ({ api }) => {
  const user = await newUser(api);
  const matches = vi.spyOn(api.passwords, "matches");
  await logIn(api, "nobody@example.com", "wrong").expect(401);
  await logIn(api, user.email, "wrong").expect(401);
  expect(matches.mock.calls).toEqual([
    ["wrong", undefined],
    ["wrong", expect.stringMatching(/^\$argon2id\$v=19\$/)],
  ]);
});

test("limits wrong passwords of a user at a network address, with the time to wait", async ({ api }) => {
  const user = await newUser(api);
  const from = newAddress();
  for (let attempt = 0; attempt < 10; attempt++) await logIn(api, user.email, "wrong", from).expect(401);
  const { body, headers } = await logIn(api, user.email, password, from).expect(429);
  expect(body.type).toBe("/problems/too-many-requests");
  expect(Number(headers["retry-after"])).toBeGreaterThan(800);
  expect(body.detail).toBe(`Wait ${headers["retry-after"]} seconds and try again.`);
  await logIn(api, (await newUser(api)).email, password, from).expect(200);
  await logIn(api, user.email).expect(200);
});

test("does not let strangers lock a user or an operator out", async ({ api }) => {
  const user = await newUser(api);
  for (const path of ["/v1/auth/login", "/v1/operator/login"])
    for (let attempt = 0; attempt < 15; attempt++) {
      const guess = { email: user.email, password: "wrong" };
      await api.request.post(path).set(newAddress()).send(guess).expect(401);
    }
  await logIn(api, user.email).expect(200);
});

test("does not count requests without valid credentials, nor wrong passwords of operators", async ({ api }) => {
  const user = await newUser(api);
  const from = newAddress();
  const post = (path: string, body: object) => api.request.post(path).set(from).send(body);
  for (let attempt = 0; attempt < 12; attempt++) {
    await post("/v1/auth/login", { email: user.email }).expect(422);
    await post("/v1/auth/login", { email: user.email, password: "" }).expect(422);
  }
  for (let attempt = 0; attempt < 10; attempt++)
    await post("/v1/operator/login", { email: user.email, password: "wrong" }).expect(401);
  await post("/v1/operator/login", { email: user.email, password: "wrong" }).expect(429);
  await logIn(api, user.email, password, from).expect(200);
});

test("does not count successful sign-ins", async ({ api }) => {
  const user = await newUser(api);
  const from = newAddress();
  for (let attempt = 0; attempt < 12; attempt++) await logIn(api, user.email, password, from).expect(200);
});

test("rotates the refresh token, which is valid once", async ({ api }) => {
  const user = await newUser(api);
  const first = await logIn(api, user.email).expect(200);
  const second = await api.request.post("/v1/auth/refresh").set(withCookie(first)).expect(200);
  expect(second.body.me.userId).toBe(user.userId);
  expect(cookieOf(second)).not.toBe(cookieOf(first));
  await api.request.post("/v1/auth/refresh").set(withCookie(second)).expect(200);
});

test("revokes the login and closes its sockets when an old refresh token is used again", async ({
  api,
  onTestFinished,
}) => {
  const user = await newUser(api);
  const first = await logIn(api, user.email).expect(200);
  const other = await logIn(api, user.email).expect(200);
  const second = await api.request.post("/v1/auth/refresh").set(withCookie(first)).expect(200);
  const third = await api.request.post("/v1/auth/refresh").set(withCookie(second)).expect(200);
  const control = await listen(api.redis, [channels.control]);
  onTestFinished(control.close);

  await api.request.post("/v1/auth/refresh").set(withCookie(first)).expect(401);

  const { loginId } = claimsOf(first.body.accessToken);
  expect(await control.next()).toMatchObject({ channel: channels.control });
  expect(await api.redis.zscore(keys.revoked, loginId)).not.toBeNull();
  await api.request.post("/v1/auth/refresh").set(withCookie(third)).expect(401);
  await api.request.post("/v1/realtime/ticket").set(bearer(third)).expect(401);
  await api.request.post("/v1/auth/refresh").set(withCookie(other)).expect(200);
});

test("stays signed in when the response to a refresh was lost, and never lets two successors live", async ({ api }) => {
  const user = await newUser(api);
  const refresh = (previous: Parameters<typeof withCookie>[0]) =>
    api.request.post("/v1/auth/refresh").set(withCookie(previous));
  const first = await logIn(api, user.email).expect(200);
  const lost = await refresh(first).expect(200);
  const received = await refresh(first).expect(200);
  const next = await refresh(received).expect(200);

  await refresh(lost).expect(401);
  await refresh(next).expect(401);
  await api.request.post("/v1/realtime/ticket").set(bearer(next)).expect(401);
});

test("ends only the current login on sign-out, and closes its sockets", async ({ api, onTestFinished }) => {
  const user = await newUser(api);
  const [mine, other] = [await logIn(api, user.email).expect(200), await logIn(api, user.email).expect(200)];
  const control = await listen(api.redis, [channels.control]);
  onTestFinished(control.close);

  const res = await api.request.post("/v1/auth/logout").set(withCookie(mine)).expect(204);
  expect(res.headers["clear-site-data"]).toBe('"cache"');

  expect(cookieOf(res)).toMatch(/^syszap_refresh=; Path=\/v1\/auth; Expires=Thu, 01 Jan 1970/);
  const { message } = await control.next();
  const { loginId } = claimsOf(mine.body.accessToken);
  expect(message).toContain(JSON.stringify({ kind: "disconnect_login", companyId: user.companyId, loginId }));
  await api.request.post("/v1/auth/refresh").set(withCookie(mine)).expect(401);
  await api.request.post("/v1/realtime/ticket").set(bearer(mine)).expect(401);
  await api.request.post("/v1/realtime/ticket").set(bearer(other)).expect(200);
  await api.request.post("/v1/auth/refresh").set(withCookie(other)).expect(200);
  expect(await eventsOf(api, user.companyId)).toEqual([]);
});

test("accepts a repeated sign-out and one without a cookie", async ({ api }) => {
  const user = await newUser(api);
  const mine = await logIn(api, user.email).expect(200);
  await api.request.post("/v1/auth/logout").set(withCookie(mine)).expect(204);
  await api.request.post("/v1/auth/logout").set(withCookie(mine)).expect(204);
  await api.request.post("/v1/auth/logout").expect(204);
});

test("signs a disabled user out at the next refresh", async ({ api, database }) => {
  const user = await newUser(api);
  const mine = await logIn(api, user.email).expect(200);
  await disable(database.ownerUrl, user.userId);
  await api.request.get("/v1/me").set(bearer(mine)).expect(401);
  await api.request.post("/v1/auth/refresh").set(withCookie(mine)).expect(401);
  await api.request.post("/v1/realtime/ticket").set(bearer(mine)).expect(401);
});

test("rejects pages of other origins", async ({ api }) => {
  const user = await newUser(api);
  const mine = await logIn(api, user.email).expect(200);
  for (const Origin of ["https://evil.example.com", "null", `${allowedOrigin}.evil.com`, "http://inbox.example.com"])
    for (const path of ["/v1/auth/refresh", "/v1/auth/logout", "/v1/auth/login"]) {
      const { body } = await api.request
        .post(path)
        .set({ ...withCookie(mine), Origin })
        .expect(403);
      expect(body.type).toBe("/problems/foreign-origin");
    }
  await api.request
    .post("/v1/auth/refresh")
    .set({ ...withCookie(mine), Origin: allowedOrigin })
    .expect(200);
});

test("rejects a refresh without a cookie or with an unknown one", async ({ api }) => {
  const { body } = await api.request.post("/v1/auth/refresh").expect(401);
  expect(body.detail).toBe("This login has ended. Sign in again.");
  await api.request.post("/v1/auth/refresh").set("Cookie", "syszap_refresh=unknown").expect(401);
});

const bearer = (res: { body: { accessToken: string } }) => ({ Authorization: `Bearer ${res.body.accessToken}` });
function claimsOf(token: string): { loginId: string } {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return { loginId: claims.lid };
}
