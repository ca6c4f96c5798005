import { hostname } from "node:os";
import { channels, type RouteDefinition, routes } from "@syszap/contracts";
import { announceInstance, revokedAmong } from "@syszap/event-bus";
import { createLogger } from "@syszap/platform";
import { expect } from "vitest";
import { listen, newInbox, newUser, password, test } from "../support/api-test.ts";
import { operatorActor, signInFirstOperator } from "../support/operator.ts";

test("suspending a company refuses its people and programs, and reopening lets them continue", async ({ api }) => {
  const operator = await signInFirstOperator(api);
  const [owner, stranger] = [await newUser(api), await newUser(api)];
  const path = `/v1/operator/companies/${owner.companyId}`;
  const credentials = { email: owner.email, password };
  const signedIn = await api.request.post("/v1/auth/login").send(credentials).expect(200);
  const cookie = (signedIn.headers["set-cookie"] as unknown as string[])[0]?.split(";", 1)[0] ?? "";
  const key = await api.request
    .post("/v1/api-keys")
    .set(owner.bearer)
    .send({ name: "CRM", scopes: ["read"] })
    .expect(201);
  const byKey = { Authorization: `Bearer ${key.body.secret}` };
  const commands = await listen(api.redis, [channels.wake]);

  await api.request.post(`${path}/suspend`).set(operator.bearer).expect(200);
  expect(await commands.next()).toMatchObject({ channel: channels.wake });
  expect(await revokedAmong(api.redis, [owner.companyId])).toEqual(new Set([owner.companyId]));
  const suspended = "/problems/company-suspended";
  await expect.poll(async () => (await api.request.get("/v1/chats").set(owner.bearer)).status).toBe(401);
  expect((await api.request.get("/v1/chats").set(byKey).expect(403)).body.type).toBe(suspended);
  expect((await api.request.post("/v1/auth/login").send(credentials).expect(403)).body.type).toBe(suspended);
  await api.request
    .post("/v1/auth/login")
    .send({ ...credentials, password: "wrong" })
    .expect(401);
  expect((await api.request.post("/v1/auth/refresh").set("Cookie", cookie).expect(403)).body.type).toBe(suspended);
  await api.request.get("/v1/chats").set(stranger.bearer).expect(200);

  await api.request.post(`${path}/reopen`).set(operator.bearer).expect(200);
  expect(await commands.next()).toMatchObject({ channel: channels.wake });
  expect(await revokedAmong(api.redis, [owner.companyId])).toEqual(new Set());
  await api.request.get("/v1/chats").set(byKey).expect(200);
  await api.request.post("/v1/auth/refresh").set("Cookie", cookie).expect(200);
  commands.close();
});

test("sessions of a suspended company stop, are claimed by nobody, and start again when it is reopened", async ({
  api,
}) => {
  const { companyId } = await newUser(api);
  const { session } = await newInbox(api, companyId);
  await api.database.withCompany(companyId, ({ sessions }) => sessions.setDesiredState(session.id, "running"));
  const { leases, companyLifecycle, outbound } = api.database.system;
  const claim = () => leases.claim({ connectorId: "c1", limit: 10, holding: [] });
  const [lease] = await claim();
  if (!lease) throw new Error("the session was not claimed");
  const renew = () => leases.renew("c1", [lease]);
  expect((await renew()).renewed).toMatchObject([{ isWanted: true }]);

  await companyLifecycle.suspend(companyId, operatorActor);
  expect((await renew()).renewed).toMatchObject([{ isWanted: false }]);
  await leases.release("c1", lease);
  expect(await claim()).toEqual([]);
  expect((await outbound.sessionsWithQueued(0)).sessions).toEqual([]);

  await companyLifecycle.reopen(companyId, operatorActor);
  expect(await claim()).toMatchObject([{ sessionId: session.id, isWanted: true }]);
});

test("webhooks of a suspended company wait and continue", async ({ api }) => {
  const owner = await newUser(api);
  await api.request.post("/v1/webhooks").set(owner.bearer).send({ url: "https://erp.example.com/hook" }).expect(201);
  await newInbox(api, owner.companyId);
  await api.database.withCompany(owner.companyId, async ({ sessions, emit }) => {
    for (const session of await sessions.list()) emit.sessionStatus(session);
  });
  const { companyLifecycle, webhookLanes } = api.database.system;
  const claim = () => webhookLanes.claim({ holder: owner.userId, limit: 10, forMs: 1 });
  await companyLifecycle.suspend(owner.companyId, operatorActor);
  expect(await claim()).toEqual([]);
  await companyLifecycle.reopen(owner.companyId, operatorActor);
  expect(await claim()).toHaveLength(1);
});

test("lists companies page by page with counts, and finds them by name and state", async ({ api }) => {
  const operator = await signInFirstOperator(api);
  const { companies, companyLifecycle } = api.database.system;
  const { companyId } = await newUser(api);
  await newInbox(api, companyId);
  const other = await companies.create({ name: "100% Pão" });
  await companyLifecycle.suspend(other.id, operatorActor);
  const list = async (query: string) =>
    (await api.request.get(`/v1/operator/companies?${query}`).set(operator.bearer).expect(200)).body;

  const first = await list("limit=1");
  expect(first.items).toMatchObject([{ id: other.id, state: "suspended", users: 0, sessions: 0 }]);
  const second = await list(`limit=1&before=${first.next}`);
  expect(second).toMatchObject({ items: [{ id: companyId, state: "active", users: 1, sessions: 1 }], next: null });
  expect((await list("search=100%25")).items).toHaveLength(1);
  expect((await list("search=padaria")).items).toHaveLength(1);
  expect((await list("state=suspended")).items).toHaveLength(1);
  await api.request
    .patch(`/v1/operator/companies/${companyId}`)
    .set(operator.bearer)
    .send({ name: "Nova" })
    .expect(200);
  expect((await list("search=nova")).items).toMatchObject([{ id: companyId }]);
});

test("no operator route answers texts of messages, clients, sessions or files", async ({ api }) => {
  const operator = await signInFirstOperator(api);
  const { companyId } = await newUser(api);
  const secret = "Palavra-Secreta";
  const { session, client, chat } = await newInbox(api, companyId, secret);
  const ids = [session.id, client.id, chat.id, companyId];
  const operatorRoutes = Object.entries<RouteDefinition>(routes).filter(([, { caller }]) => caller === "operator");
  expect(operatorRoutes.length).toBeGreaterThan(15);
  for (const [name, { method, path }] of operatorRoutes)
    for (const id of ids) {
      const { text, status } = await api.request[method](path.replaceAll(/:\w+/g, id)).set(operator.bearer).send({});
      expect({ name, status: status < 500 }).toEqual({ name, status: true });
      for (const word of [secret, "Bom dia", client.whatsappNumber, "Vendas"])
        expect(text ?? "", `${name} answers ${word}`).not.toContain(word);
    }
  for (const [name, { method, path, caller }] of Object.entries<RouteDefinition>(routes)) {
    if (caller !== "member" && caller !== "manager") continue;
    const { status } = await api.request[method](path.replaceAll(/:\w+/g, chat.id)).set(operator.bearer);
    expect({ name, status }).toEqual({ name, status: 401 });
  }
});

test("reports the platform's health", async ({ api, onTestFinished }) => {
  const operator = await signInFirstOperator(api);
  const silent = createLogger({ service: "test", level: "silent" });
  onTestFinished(announceInstance(api.redis, "ws-gateway", silent));
  await newInbox(api, (await newUser(api)).companyId);
  const { body } = await api.request.get("/v1/operator/health").set(operator.bearer).expect(200);
  expect(body).toMatchObject({
    services: { postgres: true, redis: true, gateways: 0, connectors: 0, workers: 0 },
    sessions: { connected: 0, disconnected: 1 },
    queue: { waiting: 0, oldestWaitingAt: null },
    ...{ deadLetters: 0, unpublished: 0, oldestUnpublishedAt: null },
    leases: { held: 0, expired: 0, unclaimed: 0 },
    consumers: { count: 0, maxEventsBehind: 0, oldestUnacknowledgedAt: null },
    instances: [{ service: "ws-gateway", instance: hostname(), pid: process.pid, version: "unknown" }],
    lastMigration: { name: expect.stringMatching(/^\d{3}-/), ranAt: expect.any(String) },
  });
});

test("counts recovered jobs, which have a priority, as waiting", async ({ api }) => {
  const operator = await signInFirstOperator(api);
  const [old, older] = [new Date(Date.now() - 60_000), new Date(Date.now() - 120_000)];
  await api.queue.add("message", {}, { timestamp: old.getTime() });
  await api.queue.add("message", {}, { timestamp: older.getTime(), priority: 1 });
  const { body } = await api.request.get("/v1/operator/health").set(operator.bearer).expect(200);
  expect(body.queue).toEqual({ waiting: 2, active: 0, delayed: 0, oldestWaitingAt: older.toISOString() });
  await api.queue.drain();
});
