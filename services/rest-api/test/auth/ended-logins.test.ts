import { randomUUID } from "node:crypto";
import { type RouteDefinition, type RouteName, routes, TicketClaims } from "@syszap/contracts";
import { decodeJwt } from "jose";
import { expect } from "vitest";
import { type Api, newInbox, newUser, password, type TestUser, test } from "../support/api-test.ts";
import { asOwner } from "../support/as-owner.ts";

type Bearer = TestUser["bearer"];
const guarded = (Object.entries(routes) as [RouteName, RouteDefinition][]).filter(
  ([, { caller }]) => caller === "member" || caller === "manager" || caller === "manager_or_operator",
);
const forManagers = guarded.filter(([, { caller }]) => caller !== "member");

/** Calls the endpoint with an id that does not exist and without a body. */
const call = (api: Api, [, route]: [RouteName, RouteDefinition], bearer: Bearer) =>
  api.request[route.method](route.path.replaceAll(/:\w+/g, randomUUID())).set(bearer);

async function statusesOf(api: Api, bearer: Bearer, endpoints = guarded) {
  const statuses = new Set<number>();
  for (const endpoint of endpoints) statuses.add((await call(api, endpoint, bearer)).status);
  return [...statuses];
}

/** Waits until cached answers have expired; the document promises a second. */
const becomes = (status: number, request: () => PromiseLike<{ status: number }>) =>
  expect.poll(async () => (await request()).status, { timeout: 60_000 }).toBe(status);

async function logIn(api: Api, user: TestUser) {
  const res = await api.request.post("/v1/auth/login").send({ email: user.email, password }).expect(200);
  const cookie = (res.headers["set-cookie"] as unknown as string[])[0]?.split(";")[0] ?? "";
  return { bearer: { Authorization: `Bearer ${res.body.accessToken}` }, cookie };
}

const updateUser = (ownerUrl: string, userId: string, change: string) =>
  asOwner(ownerUrl, `update users set ${change} where id = $1`, [userId]);

async function newKey(api: Api, creator: TestUser): Promise<Bearer> {
  const request = api.request.post("/v1/api-keys").set(creator.bearer);
  const { body } = await request.send({ name: "CRM", scopes: ["read", "send", "sessions"] }).expect(201);
  return { Authorization: `Bearer ${body.secret}` };
}

/** A link to a file that was created with the token. */
async function newLink(api: Api, { companyId }: TestUser, bearer: Bearer): Promise<string> {
  const file = await api.media.put(Buffer.from("x"), { companyId, mimeType: "text/plain", fileName: null });
  const mediaId = await api.database.withCompany(companyId, ({ media }) => media.add(file));
  const { body } = await api.request.post(`/v1/media/${mediaId}/link`).set(bearer).expect(200);
  return body.url;
}

test("rejects the access token and the file links of a signed-out user on every endpoint", async ({ api }) => {
  const user = await newUser(api, "admin");
  const { bearer, cookie } = await logIn(api, user);
  const other = await logIn(api, user);
  const link = await newLink(api, user, bearer);
  await api.request.get(link).expect(200);
  await api.request.post("/v1/auth/logout").set("Cookie", cookie).expect(204);
  await becomes(401, () => api.request.get("/v1/sessions").set(bearer));
  expect(await statusesOf(api, bearer)).toEqual([401]);
  await becomes(401, () => api.request.get(link));
  await api.request.get("/v1/sessions").set(other.bearer).expect(200);
});

test("rejects the access token of a login that is revoked in Redis", async ({ api }) => {
  const user = await newUser(api, "admin");
  await api.request.get("/v1/sessions").set(user.bearer).expect(200);
  await api.publisher.revoke(user.companyId, [user.loginId], 600_000);
  await becomes(401, () => api.request.get("/v1/sessions").set(user.bearer));
  expect(await statusesOf(api, user.bearer)).toEqual([401]);
});

test("rejects the access token, the file links and the API keys of a disabled user", async ({ api, database }) => {
  const user = await newUser(api, "admin");
  const [link, key] = [await newLink(api, user, user.bearer), await newKey(api, user)];
  await updateUser(database.ownerUrl, user.userId, "disabled_at = now()");
  await becomes(401, () => api.request.get("/v1/sessions").set(user.bearer));
  expect(await statusesOf(api, user.bearer)).toEqual([401]);
  const forKeys = guarded.filter(([, { scopes }]) => scopes !== undefined);
  expect(await statusesOf(api, key, forKeys)).toEqual([401]);
  await becomes(401, () => api.request.get(link));
});

test("takes a manager's power away, also from API keys, when the user becomes an agent", async ({ api, database }) => {
  const user = await newUser(api, "admin");
  const { session } = await newInbox(api, user.companyId);
  const key = await newKey(api, user);
  const readQr = (bearer: Bearer) => api.request.get(`/v1/sessions/${session.id}/qr`).set(bearer);
  expect((await readQr(user.bearer)).status).not.toBe(403);
  expect((await readQr(key)).status).not.toBe(403);

  await updateUser(database.ownerUrl, user.userId, "role = 'agent'");
  await becomes(403, () => readQr(user.bearer));
  expect(await statusesOf(api, user.bearer, forManagers)).toEqual([403]);
  expect(await statusesOf(api, key, forManagers)).toEqual([403]);
  for (const bearer of [user.bearer, key]) {
    await api.request.get("/v1/sessions").set(bearer).expect(200);
    const { body } = await api.request.post("/v1/realtime/ticket").set(bearer).expect(200);
    expect(TicketClaims.parse(decodeJwt(body.ticket)).role).toBe("agent");
  }
});

test("without Redis rejects users on manager endpoints, and recognises ended logins elsewhere", async ({ api }) => {
  const user = await newUser(api, "admin");
  const [mine, ended] = [await logIn(api, user), await logIn(api, user)];
  const key = await newKey(api, user);
  api.redis.disconnect();
  await api.request.post("/v1/auth/logout").set("Cookie", ended.cookie).expect(204);
  // message-worker sends it.
  const waiting: string[][] = [];
  await api.database.system.revocations.sweep(async (_, { loginIds }) => void waiting.push(loginIds), 0);
  expect(waiting).toEqual([[decodeJwt(ended.bearer.Authorization.slice("Bearer ".length)).lid]]);
  expect(await statusesOf(api, mine.bearer, forManagers)).toEqual([503]);
  await api.request.get("/v1/sessions").set(mine.bearer).expect(200);
  await api.request.get("/v1/sessions").set(ended.bearer).expect(401);
  expect((await api.request.post("/v1/sessions").set(key).send({ name: "Vendas" })).status).toBe(201);
});
