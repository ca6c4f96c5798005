import { randomUUID } from "node:crypto";
import { channels } from "@syszap/contracts";
import { splitPayload, writeGatewayStats } from "@syszap/event-bus";
import { createLogger, whenReady } from "@syszap/platform";
import { Client } from "pg";
import { expect } from "vitest";
import { createFirstOperator } from "../../src/auth/first-operator.ts";
import { type Api, newUser, test } from "../support/api-test.ts";

const log = createLogger({ service: "rest-api", level: "silent" });
const credentials = { email: "olga@example.com", password: "a platform needs somebody" };

/** Creates the first operator and signs in. */
async function signInOperator(api: Api) {
  await createFirstOperator(
    { OPERATOR_EMAIL: credentials.email, OPERATOR_PASSWORD: credentials.password },
    { operators: api.database.system.operators, passwords: api.passwords, log },
  );
  const { body } = await api.request.post("/v1/operator/login").send(credentials).expect(200);
  return { id: body.operator.id as string, bearer: { Authorization: `Bearer ${body.accessToken}` } };
}

/** Disables an operator in the database, like an administrator of the platform. */
async function disable(ownerUrl: string, operatorId: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  // Row-level security also applies to the owner of the table.
  await client.query("set role syszap_system");
  await client.query("update operators set disabled_at = now() where id = $1", [operatorId]);
  await client.end();
}

/** Runs `act` and returns the announcement that is published on the channel. */
async function announcementOn(api: Api, channel: string, act: () => Promise<unknown>) {
  const listener = api.redis.duplicate({ enableReadyCheck: false });
  await whenReady(listener);
  await listener.subscribe(channel);
  const next = new Promise<Buffer>((resolve) =>
    listener.once("messageBuffer", (_channel, payload) => resolve(payload)),
  );
  await act();
  const publication = splitPayload(await next);
  listener.disconnect();
  if (!publication) throw new Error("the publication is not readable");
  return { audience: publication.header.audience, event: JSON.parse(publication.frame.toString()) };
}

test("creates the first operator from the environment, and no second one", async ({ api }) => {
  await signInOperator(api);
  await createFirstOperator(
    { OPERATOR_EMAIL: "second@example.com", OPERATOR_PASSWORD: "another good password" },
    { operators: api.database.system.operators, passwords: api.passwords, log },
  );
  const second = { email: "second@example.com", password: "another good password" };
  await api.request.post("/v1/operator/login").send(second).expect(401);
  await api.request
    .post("/v1/operator/login")
    .send({ ...credentials, password: "wrong" })
    .expect(401);
});

test("rejects operator tokens on company endpoints and user tokens on operator endpoints", async ({ api }) => {
  const operator = await signInOperator(api);
  await api.request.get("/v1/sessions").set(operator.bearer).expect(401);
  await api.request.post("/v1/realtime/ticket").set(operator.bearer).expect(401);
  const owner = await newUser(api, "owner");
  const notice = { to: { reach: "everyone" }, title: "Manutenção" };
  await api.request.post("/v1/realtime/broadcast").set(owner.bearer).send(notice).expect(403);
});

test("rejects a disabled operator on the next request", async ({ api, database }) => {
  const operator = await signInOperator(api);
  const notice = { to: { reach: "everyone" }, title: "Manutenção" };
  await api.request.post("/v1/realtime/broadcast").set(operator.bearer).send(notice).expect(202);
  await disable(database.ownerUrl, operator.id);
  await api.request.post("/v1/realtime/broadcast").set(operator.bearer).send(notice).expect(401);
  await api.request.post("/v1/operator/login").send(credentials).expect(401);
});

test("sends an operator's announcement to everyone, not to one company", async ({ api }) => {
  const operator = await signInOperator(api);
  const send = (body: object) => api.request.post("/v1/realtime/broadcast").set(operator.bearer).send(body);
  const listener = await announcementOn(api, channels.everyone, () =>
    send({ to: { reach: "everyone" }, title: "Manutenção às 22h", level: "warning" }).expect(202),
  );
  expect(listener.event).toMatchObject({
    type: "announcement",
    data: { title: "Manutenção às 22h", body: "", level: "warning", timestamp: expect.any(String) },
  });
  await send({ to: { reach: "company" }, title: "Oi" }).expect(403);
});

test("sends a manager's announcement to the company or one of its users, never to others", async ({ api }) => {
  const [admin, stranger] = [await newUser(api, "admin"), await newUser(api)];
  const colleague = await newUser(api, "agent", admin.companyId);
  const channel = channels.company(admin.companyId);
  const send = (to: object) =>
    api.request.post("/v1/realtime/broadcast").set(admin.bearer).send({ to, title: "Reunião", body: "às 15h" });
  const toAll = await announcementOn(api, channel, () => send({ reach: "company" }).expect(202));
  expect(toAll).toMatchObject({ audience: { kind: "company" }, event: { data: { title: "Reunião", body: "às 15h" } } });
  const toOne = await announcementOn(api, channel, () => send({ reach: "user", userId: colleague.userId }).expect(202));
  expect(toOne.audience).toEqual({ kind: "user", userId: colleague.userId });
  await send({ reach: "user", userId: stranger.userId }).expect(404);
  await api.request
    .post("/v1/realtime/broadcast")
    .set(colleague.bearer)
    .send({ to: { reach: "company" }, title: "Oi" })
    .expect(403);
});

test("lists the connections of all companies page by page for an operator", async ({ api }) => {
  const operator = await signInOperator(api);
  const shareOf = (...ids: string[]) => {
    const companyId = randomUUID();
    const connections = ids.map((id) => ({ id, companyId, userId: randomUUID(), connected: new Date().toISOString() }));
    return [companyId, { total: ids.length, connections }] as const;
  };
  await writeGatewayStats(api.redis, "gateway-1", new Map([shareOf("c", "a"), shareOf("d")]));
  await writeGatewayStats(api.redis, "gateway-2", new Map([shareOf("b")]));
  const page = (query: string) => api.request.get(`/v1/realtime/stats?${query}`).set(operator.bearer).expect(200);
  const idsOf = (body: { connections: { id: string }[] }) => body.connections.map(({ id }) => id);
  const { body: first } = await page("limit=3");
  expect(first.totalConnections).toBe(4);
  expect(idsOf(first)).toEqual(["a", "b", "c"]);
  const { body: second } = await page(`limit=3&before=${first.next}`);
  expect(idsOf(second)).toEqual(["d"]);
  expect(second.next).toBeNull();
});
