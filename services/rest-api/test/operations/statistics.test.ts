import { Statistics } from "@syszap/contracts";
import { LatencyRecorder, writeGatewayStats } from "@syszap/event-bus";
import { expect } from "vitest";
import { type Api, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";

const read = async (api: Api, { bearer }: Pick<TestUser, "bearer">, query = {}) => {
  const { body } = await api.request.get("/v1/stats").query(query).set(bearer).expect(200);
  return Statistics.parse(body);
};
const sumOf = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0);

test("counts stored messages, also those that were stored while nobody was connected", async ({ api }) => {
  const owner = await newUser(api);
  await newInbox(api, owner.companyId);
  await newInbox(api, owner.companyId, "Bia");
  const { today, perDay, waiting, sessions } = await read(api, owner);
  // The messages are a minute old, so they may be of yesterday.
  expect(perDay.slice(-2).reduce((sum, day) => sum + day.received, 0)).toBe(2);
  expect(sumOf(today.received)).toBe(perDay.at(-1)?.received);
  expect(perDay).toHaveLength(30);
  expect(waiting).toEqual({ chats: 2, since: expect.any(String) });
  expect(sessions).toEqual({ connected: 0, disconnected: 2, qr: 0, connecting: 0 });
  expect((await read(api, owner, { days: 1 })).perDay).toEqual(perDay.slice(-1));
  const other = await read(api, await newUser(api));
  expect(other).toMatchObject({ waiting: { chats: 0, since: null }, firstAnswer: null });
  expect(sumOf(other.perDay.map(({ received }) => received))).toBe(0);
});

test("counts for an agent only what the agent's teams serve", async ({ api }) => {
  const owner = await newUser(api);
  const agent = await newUser(api, "agent", owner.companyId);
  const { session } = await newInbox(api, owner.companyId);
  await newInbox(api, owner.companyId, "Bia");
  const team = await api.request.post("/v1/teams").set(owner.bearer).send({ name: "Vendas" }).expect(201);
  const teams = { add: [team.body.id] };
  await api.request.patch(`/v1/sessions/${session.id}/teams`).set(owner.bearer).send(teams).expect(200);
  const seen = ({ perDay, waiting }: Statistics) => ({
    received: perDay.slice(-2).reduce((sum, day) => sum + day.received, 0),
    waiting: waiting.chats,
  });
  expect(seen(await read(api, owner))).toEqual({ received: 2, waiting: 2 });
  expect(seen(await read(api, agent))).toEqual({ received: 1, waiting: 1 });
});

test("shows connections, latency and the queue to owners and admins only", async ({ api }) => {
  const owner = await newUser(api);
  const agent = await newUser(api, "agent", owner.companyId);
  const { companyId } = owner;
  const connection = (id: string, { userId }: TestUser) => ({
    id,
    companyId,
    userId,
    connected: new Date(0).toISOString(),
  });
  const latency = new LatencyRecorder();
  for (let ms = 1; ms <= 100; ms += 1) latency.record(ms);
  const snapshot = latency.takeChanged();
  await writeGatewayStats(
    api.redis,
    "gateway-1",
    new Map([
      [companyId, { total: 3, connections: [connection("1", owner), connection("2", owner), connection("3", agent)] }],
    ]),
    new Map(snapshot ? [[companyId, snapshot]] : []),
  );
  const { live } = await read(api, owner);
  expect(live).toMatchObject({ people: 2, connections: 3, gateways: 1, receiving: 0, latency: { events: 100 } });
  expect(live?.latency?.p50Ms).toBeGreaterThanOrEqual(50);
  expect(live?.latency?.p50Ms).toBeLessThanOrEqual(55);
  expect(live?.latency?.p99Ms).toBeGreaterThanOrEqual(99);
  expect((await read(api, await newUser(api))).live).toMatchObject({ connections: 0, latency: null });
  expect((await read(api, agent)).live).toBeNull();
  const key = await api.request
    .post("/v1/api-keys")
    .set(owner.bearer)
    .send({ name: "CRM", scopes: ["read"] })
    .expect(201);
  expect((await read(api, { bearer: { Authorization: `Bearer ${key.body.secret}` } })).live).toBeNull();
});

test("shows what is stored while Redis is unavailable", async ({ api }) => {
  const agent = await newUser(api, "agent");
  await newInbox(api, agent.companyId);
  const owner = await newUser(api, "owner", agent.companyId);
  await read(api, owner);
  api.redis.disconnect();
  expect(await read(api, owner)).toMatchObject({ waiting: { chats: 1 }, live: null });
});

test("begins days in the time zone that an owner chose, and refuses unknown ones", async ({ api }) => {
  const owner = await newUser(api);
  expect((await read(api, owner)).timeZone).toBe("America/Sao_Paulo");
  const set = (timeZone: string) => api.request.patch("/v1/company").set(owner.bearer).send({ timeZone });
  const { body } = await set("Asia/Tokyo").expect(200);
  expect(body).toMatchObject({ timeZone: "Asia/Tokyo", agentsSee: "team" });
  const { timeZone, today } = await read(api, owner);
  expect({ timeZone, hour: new Date(today.startsAt).getUTCHours() }).toEqual({ timeZone: "Asia/Tokyo", hour: 15 });
  await set("Mars/Olympus_Mons").expect(422);
  await api.request.get("/v1/stats").query({ days: 31 }).set(owner.bearer).expect(422);
});
