import { type ApiKeyScope, type RouteDefinition, routes, TicketClaims } from "@syszap/contracts";
import { revokedAmong } from "@syszap/event-bus";
import { decodeJwt } from "jose";
import pg from "pg";
import { expect } from "vitest";
import { requiresToken } from "../../src/auth/guard.ts";
import { type Api, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";

interface Key {
  id: string;
  secret: string;
  bearer: { Authorization: string };
}
async function newKey(api: Api, creator: TestUser, scopes: ApiKeyScope[], more: object = {}): Promise<Key> {
  const request = api.request.post("/v1/api-keys").set(creator.bearer);
  const { body } = await request.send({ name: "CRM", scopes, ...more }).expect(201);
  return { id: body.id, secret: body.secret, bearer: { Authorization: `Bearer ${body.secret}` } };
}
const someId = "3f0f7b0e-6c0d-4c55-9b70-0d6ad9f3a001";
const guarded = Object.entries<RouteDefinition>(routes).filter(([, { caller }]) => requiresToken(caller));
const opened = (scope: ApiKeyScope) =>
  guarded.flatMap(([name, { scopes }]) => (scopes?.includes(scope) ? [name] : [])).sort();

test("returns a secret once and stores only its hash", async ({ api, database }) => {
  const owner = await newUser(api);
  const key = await newKey(api, owner, ["read", "read"]);
  expect(key.secret).toMatch(/^syszap_[\w-]{43}$/);
  const { body, text } = await api.request.get("/v1/api-keys").set(owner.bearer).expect(200);
  const item = { id: key.id, userId: owner.userId, name: "CRM", scopes: ["read"], hint: key.secret.slice(0, 12) };
  expect(body.items).toMatchObject([{ ...item, lastUsedAt: null, revokedAt: null }]);
  expect(text).not.toContain(key.secret);
  expect(JSON.stringify(api.logged)).not.toContain(key.secret);
  const client = new pg.Client({ connectionString: database.systemUrl });
  await client.connect();
  const { rows } = await client.query("select * from api_keys");
  await client.end();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(key.secret);
});

test("lists the endpoints of each scope", () => {
  expect(opened("send")).toEqual([
    "getSession",
    "getSessionPacing",
    "listSessions",
    "markChatRead",
    "openChat",
    "sendMessage",
    "setChatNotices",
    "typeInChat",
    "uploadMedia",
  ]);
  expect(opened("read")).toEqual([
    "acknowledgeConsumerEvents",
    "createConsumer",
    "createRealtimeTicket",
    "getChat",
    "getClient",
    "getInboxCounts",
    "getMedia",
    "getMediaThumbnail",
    "getSession",
    "getStatistics",
    "getUserPicture",
    "linkMedia",
    "listChats",
    "listClients",
    "listConsumers",
    "listMessages",
    "listParticipants",
    "listSessions",
    "listTeams",
    "listUsers",
    "readConsumerEvents",
    "removeConsumer",
    "retryMessageMedia",
    "seekConsumer",
  ]);
  expect(opened("sessions")).toEqual([
    "connectSession",
    "createSession",
    "disconnectSession",
    "getSession",
    "getSessionPacing",
    "getSessionPairingCode",
    "getSessionProxy",
    "getSessionQr",
    "listSessions",
    "logoutSession",
    "removeSession",
    "removeSessionProxy",
    "setSessionGroups",
    "setSessionProxy",
    "testSessionProxy",
  ]);
  expect(opened("manage:webhooks")).toEqual([
    "createWebhook",
    "disableWebhook",
    "enableWebhook",
    "getWebhook",
    "getWebhookDelivery",
    "listWebhookDeliveries",
    "listWebhooks",
    "redriveWebhookDeliveries",
    "redriveWebhookDelivery",
    "removeWebhook",
    "rotateWebhookSecret",
    "testWebhook",
    "updateWebhook",
  ]);
});

for (const scope of ["send", "read", "sessions"] as const)
  test(`accepts a key with the scope ${scope} on the endpoints of that scope only`, async ({ api }) => {
    const { bearer } = await newKey(api, await newUser(api), [scope]);
    for (const [name, { method, path, scopes }] of guarded) {
      const { status, body } = await api.request[method](path.replaceAll(/:\w+/g, someId)).set(bearer);
      const isRefused = status === 401 || status === 403;
      expect({ name, isRefused }).toEqual({ name, isRefused: !scopes?.includes(scope) });
      if (isRefused) expect(body.type).toBe("/problems/forbidden");
    }
  });

test("lets a program list chats and send a message for the user who created the key", async ({ api }) => {
  const owner = await newUser(api);
  const { chat } = await newInbox(api, owner.companyId);
  const { bearer } = await newKey(api, owner, ["read", "send"]);
  const { body } = await api.request.get("/v1/chats").set(bearer).expect(200);
  expect(body.items).toMatchObject([{ id: chat.id }]);
  const path = `/v1/chats/${chat.id}/messages`;
  const sent = await api.request.post(path).set(bearer).send({ body: "Bom dia!" }).expect(202);
  expect(sent.body).toMatchObject({ body: "Bom dia!", status: "queued", author: { id: owner.userId } });
  const keys = await api.request.get("/v1/api-keys").set(owner.bearer).expect(200);
  expect(keys.body.items[0].lastUsedAt).not.toBeNull();
});

test("rejects a revoked key at once and closes its sockets", async ({ api }) => {
  const owner = await newUser(api);
  const key = await newKey(api, owner, ["read"]);
  await api.request.get("/v1/chats").set(key.bearer).expect(200);
  await api.request.delete(`/v1/api-keys/${key.id}`).set(owner.bearer).expect(204);
  await api.request.get("/v1/chats").set(key.bearer).expect(401);
  expect(await revokedAmong(api.redis, [key.id])).toEqual(new Set([key.id]));
  await api.request.delete(`/v1/api-keys/${key.id}`).set(owner.bearer).expect(204);
  const { body } = await api.request.get("/v1/api-keys").set(owner.bearer).expect(200);
  expect(body.items).toMatchObject([{ id: key.id, revokedAt: expect.any(String) }]);
});

test("rejects a key after its expiry, and when its user is disabled", async ({ api, database }) => {
  const [owner, leaver] = [await newUser(api), await newUser(api, "admin")];
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const [short, left] = [await newKey(api, owner, ["read"], { expiresAt: soon }), await newKey(api, leaver, ["read"])];
  for (const { bearer } of [short, left]) await api.request.get("/v1/chats").set(bearer).expect(200);
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  await client.query("alter table api_keys no force row level security; alter table users no force row level security");
  await client.query("update api_keys set expires_at = now() where id = $1", [short.id]);
  await client.query("update users set disabled_at = now() where id = $1", [leaver.userId]);
  await client.end();
  for (const { bearer } of [short, left]) await api.request.get("/v1/chats").set(bearer).expect(401);
  const past = { name: "x", scopes: ["read"], expiresAt: new Date(0).toISOString() };
  await api.request.post("/v1/api-keys").set(owner.bearer).send(past).expect(422);
});

test("limits a key to its company, also for revoking", async ({ api }) => {
  const [owner, stranger] = [await newUser(api), await newUser(api)];
  const { chat } = await newInbox(api, owner.companyId);
  const foreign = await newKey(api, stranger, ["read", "send", "sessions"]);
  const own = await newKey(api, owner, ["read"]);
  expect((await api.request.get("/v1/chats").set(foreign.bearer).expect(200)).body.items).toEqual([]);
  await api.request.get(`/v1/chats/${chat.id}`).set(foreign.bearer).expect(404);
  await api.request.post(`/v1/chats/${chat.id}/messages`).set(foreign.bearer).send({ body: "x" }).expect(404);
  await api.request.delete(`/v1/api-keys/${own.id}`).set(stranger.bearer).expect(404);
  await api.request.get("/v1/chats").set(own.bearer).expect(200);
  const { body } = await api.request.get("/v1/api-keys").set(stranger.bearer).expect(200);
  expect(body.items).toMatchObject([{ id: foreign.id }]);
});

test("rejects agents on all key endpoints", async ({ api }) => {
  const agent = await newUser(api, "agent");
  await api.request.get("/v1/api-keys").set(agent.bearer).expect(403);
  await api.request
    .post("/v1/api-keys")
    .set(agent.bearer)
    .send({ name: "x", scopes: ["read"] })
    .expect(403);
});

test("rejects an unknown key", async ({ api }) => {
  await api.request.get("/v1/chats").set({ Authorization: "Bearer syszap_made-up" }).expect(401);
});

test("issues a ticket to a key with the scope read, with the role agent and no longer than the key is valid", async ({
  api,
}) => {
  const owner = await newUser(api, "owner");
  const expiresAt = new Date(Date.now() + 120_000).toISOString();
  const key = await newKey(api, owner, ["read"], { expiresAt });
  const { body } = await api.request.post("/v1/realtime/ticket").set(key.bearer).expect(200);
  const claims = TicketClaims.parse(decodeJwt(body.ticket));
  expect(claims).toMatchObject({ sub: owner.userId, cid: owner.companyId, lid: key.id, role: "agent" });
  expect(claims.ate).toBeLessThanOrEqual(Date.parse(expiresAt) / 1_000);
});

test("limits the request rate of each key without affecting users", async ({ api }) => {
  const owner = await newUser(api);
  const [key, other] = [await newKey(api, owner, ["read"]), await newKey(api, owner, ["read"])];
  const list = (bearer: object) => api.request.get("/v1/sessions").set(bearer as Record<string, string>);
  for (let n = 0; n < 6; n++) await Promise.all(Array.from({ length: 100 }, () => list(key.bearer).expect(200)));
  await list(key.bearer).expect(429).expect("Retry-After", /^\d+$/);
  await list(other.bearer).expect(200);
  await list(owner.bearer).expect(200);
});
