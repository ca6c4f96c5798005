import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { type Api, newUser, type TestUser, test } from "../support/api-test.ts";

const url = "https://erp.example.com/hooks/inbox";
const create = (api: Api, { bearer }: TestUser, body: object = { url }) =>
  api.request.post("/v1/webhooks").set(bearer).send(body);

async function newWebhook(api: Api, user: TestUser) {
  const { body } = await create(api, user).expect(201);
  return body as { id: string; secret: string };
}
/** Records the outcome of all due deliveries, like `webhook-sender`. */
async function recordOutcome(api: Api, status: number): Promise<void> {
  const { webhookLanes: lanes } = api.database.system;
  const holder = randomUUID();
  const limits = { pauseAfter: 9, firstPauseMs: 1, maxPauseMs: 1, disableAfterMs: 1e12, disableAfter: 99 };
  for (const lane of await lanes.claim({ holder, limit: 10, forMs: 60_000 })) {
    for (const { eventId } of await lanes.due(lane, holder, 100)) {
      const attempt = { at: new Date().toISOString(), durationMs: 3, status, error: null, excerpt: "olá" };
      if (status === 200) await lanes.delivered(lane, eventId, attempt);
      else {
        const failure = { try: attempt, retryInMs: undefined, pauseMs: null, isGone: false };
        await lanes.failed(lane, eventId, failure, limits);
      }
    }
    await lanes.release(lane, holder);
  }
}

test("creates an endpoint and returns its secret once, then reads, changes and removes it", async ({ api }) => {
  const admin = await newUser(api, "admin");
  const description = "ERP da padaria";
  const { body: made } = await create(api, admin, { url: `${url}#x`, description, eventTypes: ["new_message"] }).expect(
    201,
  );
  expect(made).toMatchObject({ url, description, eventTypes: ["new_message"], isEnabled: true, disabledReason: null });
  expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const path = `/v1/webhooks/${made.id}`;
  const { secret, ...stored } = made;
  const { text, body: list } = await api.request.get("/v1/webhooks").set(admin.bearer).expect(200);
  expect(list.items).toEqual([stored]);
  expect(text).not.toContain(secret);
  const { body: changed } = await api.request.patch(path).set(admin.bearer).send({ eventTypes: null }).expect(200);
  expect(changed).toMatchObject({ url, description, eventTypes: null });
  await api.request.delete(path).set(admin.bearer).expect(204);
  await api.request.get(path).set(admin.bearer).expect(404);
});

test.for([
  ["http://erp.example.com/", "must begin with https://"],
  ["https://127.0.0.1/", "private address"],
  ["https://2130706433/", "private address"],
  ["https://[::ffff:10.0.0.1]/", "private address"],
  ["https://169.254.169.254/latest/meta-data", "private address"],
  ["https://localhost/", "private address"],
  ["https://redis:6379/", "private address"],
  ["https://metadata.google.internal/", "private address"],
  ["https://ana:senha@erp.example.com/", "must not contain a user or password"],
  ["ftp://erp.example.com/", "must be an https:// URL"],
  ["erp", "must be an https:// URL"],
] as const)("rejects the address %s with the reason", async ([address, why], { api }) => {
  const admin = await newUser(api, "owner");
  const { body } = await create(api, admin, { url: address }).expect(422);
  expect(body.errors).toEqual([{ path: "url", message: expect.stringContaining(why) }]);
  const { id } = await newWebhook(api, admin);
  await api.request.patch(`/v1/webhooks/${id}`).set(admin.bearer).send({ url: address }).expect(422);
});

test("rejects agents and users of other companies", async ({ api }) => {
  const owner = await newUser(api, "owner");
  const { id } = await newWebhook(api, owner);
  const { body: sent } = await api.request.post(`/v1/webhooks/${id}/test`).set(owner.bearer).expect(202);
  const endpoints = [
    ["get", `/v1/webhooks/${id}`],
    ["patch", `/v1/webhooks/${id}`],
    ["delete", `/v1/webhooks/${id}`],
    ...["enable", "disable", "rotate-secret", "test", "redrive"].map((act) => ["post", `/v1/webhooks/${id}/${act}`]),
    ["get", `/v1/webhooks/${id}/deliveries`],
    ["get", `/v1/webhooks/${id}/deliveries/${sent.eventId}`],
    ["post", `/v1/webhooks/${id}/deliveries/${sent.eventId}/redrive`],
  ] as ["get" | "patch" | "delete" | "post", string][];
  const agent = await newUser(api, "agent", owner.companyId);
  const stranger = await newUser(api, "owner");
  for (const [method, path] of endpoints) {
    const call = ({ bearer }: TestUser) => {
      const request = api.request[method](path).set(bearer);
      return method === "get" || method === "delete" ? request : request.send({});
    };
    expect([method, path, (await call(agent)).status]).toEqual([method, path, 403]);
    expect([method, path, (await call(stranger)).status]).toEqual([method, path, 404]);
  }
  await create(api, agent).expect(403);
  const { body } = await api.request.get("/v1/webhooks").set(stranger.bearer).expect(200);
  expect(body.items).toEqual([]);
});

test("limits a company to ten endpoints", async ({ api }) => {
  const owner = await newUser(api, "owner");
  for (let n = 0; n < 10; n++) await newWebhook(api, owner);
  const { body } = await create(api, owner).expect(409);
  expect(body.detail).toContain("at most 10 endpoints");
});

test("returns a new secret once, and keeps the old one valid for the requested time", async ({ api }) => {
  const owner = await newUser(api, "owner");
  const { id, secret } = await newWebhook(api, owner);
  const rotate = (body?: object) => api.request.post(`/v1/webhooks/${id}/rotate-secret`).set(owner.bearer).send(body);
  const { body: first } = await rotate().expect(200);
  expect(first.secret).not.toBe(secret);
  expect(Date.parse(first.previousSecretEndsAt) - Date.now()).toBeGreaterThan(23.9 * 3_600_000);
  expect((await rotate({ overlapHours: 0 }).expect(200)).body.previousSecretEndsAt).toBeNull();
  await rotate({ overlapHours: 1_000 }).expect(422);
});

test("logs a test event with its body, and later with its outcome", async ({ api }) => {
  const owner = await newUser(api, "owner");
  const { id } = await newWebhook(api, owner);
  const { body: sent } = await api.request.post(`/v1/webhooks/${id}/test`).set(owner.bearer).expect(202);
  expect(sent).toMatchObject({ eventType: "webhook_test", state: "waiting", attempts: 0, tries: [] });
  await recordOutcome(api, 200);
  const { body } = await api.request.get(`/v1/webhooks/${id}/deliveries/${sent.eventId}`).set(owner.bearer).expect(200);
  expect(body).toMatchObject({ state: "delivered", attempts: 1, tries: [{ status: 200, excerpt: "olá" }] });
  expect(JSON.parse(body.body)).toMatchObject({ type: "webhook_test", id: sent.eventId, version: 1 });
});

test("limits the rate of test events per company", async ({ api }) => {
  const owner = await newUser(api, "owner");
  const admin = await newUser(api, "admin", owner.companyId);
  const ids = [(await newWebhook(api, owner)).id, (await newWebhook(api, owner)).id];
  const send = (n: number) =>
    api.request.post(`/v1/webhooks/${ids[n % 2]}/test`).set(n % 3 === 0 ? owner.bearer : admin.bearer);
  for (let n = 0; n < 30; n++) await send(n).expect(202);
  await send(30).expect(429);
});

test("lists deliveries by page and state, and redrives one or all failed ones", async ({ api }) => {
  const owner = await newUser(api, "owner");
  const { id } = await newWebhook(api, owner);
  const post = (path: string) => api.request.post(`/v1/webhooks/${id}/${path}`).set(owner.bearer);
  const read = async (query: string) =>
    (await api.request.get(`/v1/webhooks/${id}/deliveries?${query}`).set(owner.bearer).expect(200)).body;
  const sent: string[] = [];
  for (let n = 0; n < 3; n++) sent.unshift((await post("test").expect(202)).body.eventId);
  await recordOutcome(api, 500);
  const first = await read("limit=2");
  const second = await read(`limit=2&before=${first.next}`);
  expect([...first.items, ...second.items].map(({ eventId }: { eventId: string }) => eventId)).toEqual(sent);
  expect(second.next).toBeNull();
  expect((await post(`deliveries/${sent[0]}/redrive`).expect(202)).body).toMatchObject({
    state: "waiting",
    attempts: 0,
  });
  await post(`deliveries/${sent[0]}/redrive`).expect(409);
  await post(`deliveries/${randomUUID()}/redrive`).expect(404);
  expect((await post("redrive").expect(202)).body).toEqual({ redriven: 2, remaining: 0 });
  expect((await read("state=failed")).items).toEqual([]);
  expect((await read("state=waiting")).items).toHaveLength(3);
  expect((await read("eventType=new_message")).items).toEqual([]);
  await api.request.get(`/v1/webhooks/${id}/deliveries?before=nonsense`).set(owner.bearer).expect(422);
});

test("rejects tests and redrives of a disabled endpoint until it is enabled", async ({ api }) => {
  const owner = await newUser(api, "owner");
  const { id } = await newWebhook(api, owner);
  const post = (path: string) => api.request.post(`/v1/webhooks/${id}/${path}`).set(owner.bearer);
  const { body: disabled } = await post("disable").expect(200);
  expect(disabled).toMatchObject({ isEnabled: false, disabledReason: "person" });
  for (const path of ["test", "redrive", `deliveries/${randomUUID()}/redrive`])
    expect((await post(path).expect(409)).body.detail).toContain("Enable it first");
  expect((await post("enable").expect(200)).body).toMatchObject({ isEnabled: true, disabledReason: null });
  await post("test").expect(202);
});
