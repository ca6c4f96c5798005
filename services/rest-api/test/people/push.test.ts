import { randomUUID } from "node:crypto";
import { maxPushSubscriptions } from "@syszap/contracts";
import pg from "pg";
import { expect } from "vitest";
import { type Api, newUser, type TestUser, test } from "../support/api-test.ts";

const keys = { p256dh: `B${"a".repeat(86)}`, auth: "b".repeat(22) };
const newEndpoint = () => `https://push.example.com/${randomUUID()}`;

/** A login with rows in Postgres, as a sign-in creates it. */
async function openLogin(api: Api, user: TestUser) {
  const { companyId, userId, role } = user;
  const { loginId } = await api.database.system.refreshTokens.issue({ companyId, userId });
  const token = await api.tokens.issueAccess({ userId, companyId, loginId, role });
  return { companyId, userId, loginId, bearer: { Authorization: `Bearer ${token}` } };
}
type Login = Awaited<ReturnType<typeof openLogin>>;

const subscribe = (api: Api, { bearer }: Login, endpoint: string) =>
  api.request.put("/v1/me/push/subscription").set(bearer).send({ endpoint, keys });
const isSubscribed = async (api: Api, { bearer }: Login) =>
  (await api.request.get("/v1/me/push").set(bearer).expect(200)).body.isSubscribed;

test("subscribes a login until it unsubscribes or ends", async ({ api }) => {
  const user = await newUser(api);
  const [phone, desk] = [await openLogin(api, user), await openLogin(api, user)];
  const settings = await api.request.get("/v1/me/push").set(phone.bearer).expect(200);
  expect(settings.body).toEqual({ publicKey: `B${"k".repeat(86)}`, isSubscribed: false });
  await subscribe(api, phone, newEndpoint()).expect(204);
  await subscribe(api, desk, newEndpoint()).expect(204);
  expect([await isSubscribed(api, phone), await isSubscribed(api, desk)]).toEqual([true, true]);
  await api.request.delete("/v1/me/push/subscription").set(phone.bearer).expect(204);
  expect([await isSubscribed(api, phone), await isSubscribed(api, desk)]).toEqual([false, true]);
  await api.request.delete(`/v1/me/logins/${desk.loginId}`).set(phone.bearer).expect(204);
  expect(await api.database.system.pushSubscriptions.has(desk)).toBe(false);
});

test("a browser belongs to the login that subscribed it last, also of another company", async ({ api }) => {
  const [before, after] = [await openLogin(api, await newUser(api)), await openLogin(api, await newUser(api))];
  const endpoint = newEndpoint();
  await subscribe(api, before, endpoint).expect(204);
  await subscribe(api, after, endpoint).expect(204);
  expect([await isSubscribed(api, before), await isSubscribed(api, after)]).toEqual([false, true]);
});

test("keeps the newest subscriptions of a user, up to the limit", async ({ api, database }) => {
  const user = await newUser(api);
  const logins: Login[] = [];
  for (let count = 0; count <= maxPushSubscriptions; count++) logins.push(await openLogin(api, user));
  const client = new pg.Client({ connectionString: database.systemUrl });
  await client.connect();
  for (const login of logins) {
    await subscribe(api, login, newEndpoint()).expect(204);
    // Their order must not depend on the resolution of the clock.
    await client.query("update push_subscriptions set created_at = created_at - interval '1 minute'");
  }
  await client.end();
  expect(await Promise.all(logins.map((login) => isSubscribed(api, login)))).toEqual(
    logins.map((_, index) => index > 0),
  );
});

test("refuses endpoints that are visibly not public, and keys of another length", async ({ api }) => {
  const login = await openLogin(api, await newUser(api));
  for (const endpoint of [
    "http://push.example.com/a",
    "https://127.0.0.1/a",
    "https://localhost/a",
    "https://[::1]/a",
  ]) {
    const { status, body } = await subscribe(api, login, endpoint);
    expect({ endpoint, status, path: body.errors?.[0]?.path }).toEqual({ endpoint, status: 422, path: "endpoint" });
  }
  const request = api.request.put("/v1/me/push/subscription").set(login.bearer);
  await request.send({ endpoint: newEndpoint(), keys: { ...keys, auth: "short" } }).expect(422);
  expect(await isSubscribed(api, login)).toBe(false);
});
