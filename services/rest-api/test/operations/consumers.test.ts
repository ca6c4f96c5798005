import { randomUUID } from "node:crypto";
import { channels, keys, maxConsumers, maxWaitingRequests } from "@syszap/contracts";
import { splitPayload } from "@syszap/event-bus";
import { expect } from "vitest";
import { type Api, newUser, type TestUser, test } from "../support/api-test.ts";
import { asOwner } from "../support/as-owner.ts";

interface Page {
  from: string;
  cursor: string;
  eventsBehind: number;
  events: { position: number; cursor: string; type: string; id: string; data: { Id: string; Name: string } }[];
}
const path = "/v1/consumers/erp";

const create = (api: Api, { bearer }: TestUser, body: object = { name: "erp" }) =>
  api.request.post("/v1/consumers").set(bearer).send(body);
const post = (api: Api, { bearer }: TestUser, verb: "ack" | "seek", body: object) =>
  api.request.post(`${path}/${verb}`).set(bearer).send(body);
async function read(api: Api, { bearer }: TestUser, query = ""): Promise<Page> {
  return (await api.request.get(`${path}/events${query}`).set(bearer).expect(200)).body;
}

let version = 0;
/** Emits `count` events, each in a separate transaction. */
async function emit(api: Api, { companyId }: TestUser, count = 1, name = "João"): Promise<void> {
  for (let n = 0; n < count; n++)
    await api.database.withCompany(companyId, async ({ emit }) =>
      emit.clientUpdate({
        id: randomUUID(),
        version: ++version,
        name,
        whatsappNumber: "5511999990000",
        profilePictureUrl: null,
        lastContactAt: null,
      } as Parameters<typeof emit.clientUpdate>[0]),
    );
}
/** Ids of the company's events in the order of the WebSocket. */
async function idsOnSocket({ redis }: Api, { companyId }: TestUser): Promise<string[]> {
  const entries = await redis.xrangeBuffer(keys.log(channels.company(companyId)), "-", "+");
  return entries.map(([, fields]) => {
    const publication = fields[1] && splitPayload(fields[1]);
    if (!publication) throw new Error("the log has an invalid entry");
    return JSON.parse(publication.frame.toString()).id;
  });
}
/** Reads and acknowledges until `count` events were received. */
async function consume(
  api: Api,
  user: TestUser,
  count: number,
  query = "?waitSeconds=5&limit=7",
): Promise<Page["events"]> {
  const events: Page["events"] = [];
  let cursor: string | undefined;
  while (events.length < count) {
    const page = await read(api, user, query);
    if (cursor !== undefined) expect(page.from).toBe(cursor);
    cursor = page.cursor;
    events.push(...page.events);
    await post(api, user, "ack", { cursor }).expect(200);
  }
  return events;
}

test("receives the same events in the same order as the socket, with positions without gaps", async ({ api }) => {
  const owner = await newUser(api);
  await create(api, owner).expect(200);
  await Promise.all([emit(api, owner, 20), emit(api, owner, 20), emit(api, owner, 20)]);
  const events = await consume(api, owner, 60);
  expect(events.map(({ id }) => id)).toEqual(await idsOnSocket(api, owner));
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
  expect(events[0]).toMatchObject({ type: "client_update", data: { Name: "João" } });
});

test("repeats events until they are acknowledged", async ({ api }) => {
  const owner = await newUser(api);
  await create(api, owner).expect(200);
  await emit(api, owner, 5);
  const first = await read(api, owner, "?waitSeconds=5&limit=5");
  expect((await read(api, owner, "?limit=5")).events.slice(0, first.events.length)).toEqual(first.events);
  const ahead = await read(api, owner, `?waitSeconds=5&after=${first.cursor}`);
  expect(ahead.from).toBe(first.cursor);
  const { headers } = await api.request.get(`${path}/events?limit=5`).set(owner.bearer).expect(200);
  const next = /^<(.*)>; rel="next"$/.exec(headers.link ?? "")?.[1] ?? "";
  expect((await api.request.get(next).set(owner.bearer).expect(200)).body.from).toMatch(/\.\d+$/);
  const all = await consume(api, owner, 5);
  const { body } = await post(api, owner, "ack", { cursor: all[1]?.cursor }).expect(200);
  expect(body).toMatchObject({ cursor: all[4]?.cursor, eventsBehind: 0, oldestUnacknowledgedAt: null });
});

test("a waiting request is answered by the next event, also with a filter", async ({ api }) => {
  const owner = await newUser(api);
  await create(api, owner).expect(200);
  await create(api, owner, { name: "messages", types: ["new_message"] }).expect(200);
  const waiting = read(api, owner, "?waitSeconds=20");
  await emit(api, owner);
  expect((await waiting).events).toHaveLength(1);
  const { body } = await api.request.get("/v1/consumers/messages/events?waitSeconds=1").set(owner.bearer).expect(200);
  expect(body.events).toEqual([]);
  await api.request.post("/v1/consumers/messages/ack").set(owner.bearer).send({ cursor: body.cursor }).expect(200);
  expect(await read(api, owner, "?limit=1")).toMatchObject({ eventsBehind: 0 });
});

test("bounds the waiting requests of a company, and frees their places", async ({ api }) => {
  const owner = await newUser(api);
  await create(api, owner).expect(200);
  const ask = (waitSeconds: number) => api.request.get(`${path}/events?waitSeconds=${waitSeconds}`).set(owner.bearer);
  const statuses: number[] = [];
  const answers = Array.from({ length: maxWaitingRequests + 3 }, async () => statuses.push((await ask(30)).status));
  await expect.poll(() => statuses).toEqual([429, 429, 429]);
  await emit(api, owner);
  await Promise.all(answers);
  expect(statuses.filter((status) => status === 200)).toHaveLength(maxWaitingRequests);
  await ask(1).expect(200);
  await api.request.delete(path).set(owner.bearer).expect(204);
  await ask(1).expect(404);
});

test("proves that nothing is missing, or says how much of it is no longer kept", async ({ api, database }) => {
  const owner = await newUser(api);
  await create(api, owner).expect(200);
  await create(api, owner, { name: "filtered", types: ["new_message"] }).expect(200);
  await emit(api, owner, 10);
  await expect.poll(async () => (await read(api, owner)).events.length).toBe(10);
  await asOwner(database.ownerUrl, "delete from event_log where company_id = $1 and position <= 4", [owner.companyId]);
  const { body } = await api.request.get(`${path}/events`).set(owner.bearer).expect(410);
  expect(body).toMatchObject({ type: "/problems/events-expired", expired: { events: 4 } });
  expect(body.expired.oldestAt).toEqual(expect.any(String));
  await api.request.get("/v1/consumers/filtered/events").set(owner.bearer).expect(410);
  await post(api, owner, "seek", { cursor: body.expired.oldestCursor }).expect(200);
  expect((await read(api, owner)).events.map(({ position }) => position)).toEqual([5, 6, 7, 8, 9, 10]);
  const first = `${body.expired.oldestCursor.split(".")[0]}.1`;
  await post(api, owner, "seek", { cursor: first }).expect(410);
  await asOwner(database.ownerUrl, "delete from event_log where company_id = $1", [owner.companyId]);
  const { body: empty } = await api.request.get(`${path}/events`).set(owner.bearer).expect(410);
  expect(empty.expired).toMatchObject({ events: 6, oldestAt: null });
  await post(api, owner, "seek", { cursor: empty.expired.oldestCursor }).expect(200);
  expect((await read(api, owner)).events).toEqual([]);
});

test("seeks back and forth by cursor and by time", async ({ api, database }) => {
  const owner = await newUser(api);
  await create(api, owner).expect(200);
  await emit(api, owner, 6);
  const events = await consume(api, owner, 6);
  await post(api, owner, "seek", { cursor: events[2]?.cursor }).expect(200);
  expect((await read(api, owner)).events.map(({ position }) => position)).toEqual([4, 5, 6]);
  const { body: past } = await post(api, owner, "seek", { timestamp: "2026-01-01T00:00:00Z" }).expect(200);
  expect(past.eventsBehind).toBe(6);
  const { body: future } = await post(api, owner, "seek", { timestamp: "2999-01-01T00:00:00Z" }).expect(200);
  expect(future.eventsBehind).toBe(0);
  const rows = await asOwner<{ logged_at: Date }>(
    database.ownerUrl,
    "select logged_at from event_log where company_id = $1 order by position",
    [owner.companyId],
  );
  const at = rows[3]?.logged_at ?? new Date();
  const expected = rows.filter(({ logged_at }) => logged_at >= at).length;
  // The answer has milliseconds, the log microseconds.
  const { body } = await post(api, owner, "seek", { timestamp: at.toISOString() }).expect(200);
  expect(body.eventsBehind).toBeGreaterThanOrEqual(expected);
  await post(api, owner, "seek", {}).expect(422);
  await post(api, owner, "seek", { cursor: events[0]?.cursor, timestamp: at.toISOString() }).expect(422);
});

test("creates once, with bounds, and lists how far each consumer is behind", async ({ api }) => {
  const owner = await newUser(api);
  const { body: made } = await create(api, owner, { name: "erp", types: ["new_message"] }).expect(200);
  expect((await create(api, owner, { name: "erp", types: ["new_message"] }).expect(200)).body).toEqual(made);
  await create(api, owner, { name: "erp" }).expect(409);
  await create(api, owner, { name: "Não" }).expect(422);
  for (let n = 1; n < maxConsumers; n++) await create(api, owner, { name: `c${n}` }).expect(200);
  await create(api, owner, { name: "one-more" }).expect(409);
  await create(api, owner, { name: "c1" }).expect(200);
  await emit(api, owner, 2);
  const list = async () => (await api.request.get("/v1/consumers").set(owner.bearer).expect(200)).body.items;
  await expect.poll(async () => (await list())[0].eventsBehind).toBe(2);
  const items = await list();
  expect(items).toHaveLength(maxConsumers);
  expect(items[0].oldestUnacknowledgedAt).toEqual(expect.any(String));
  expect(await api.database.system.eventLog.lag()).toMatchObject({ consumers: maxConsumers, maxEventsBehind: 2 });
});

test("another company cannot see, read, move or remove a consumer, and its cursors are refused", async ({ api }) => {
  const [mine, theirs] = [await newUser(api), await newUser(api)];
  await create(api, mine).expect(200);
  await emit(api, mine, 3);
  const events = await consume(api, mine, 3);
  await api.request.get(`${path}/events`).set(theirs.bearer).expect(404);
  await api.request.delete(path).set(theirs.bearer).expect(404);
  await post(api, theirs, "ack", { cursor: events[0]?.cursor }).expect(404);
  await create(api, theirs).expect(200);
  expect((await read(api, theirs)).events).toEqual([]);
  for (const verb of ["ack", "seek"] as const) {
    await post(api, theirs, verb, { cursor: events[0]?.cursor }).expect(422);
    await post(api, mine, verb, { cursor: `${events[0]?.cursor}00` }).expect(422);
    await post(api, mine, verb, { cursor: "1.2" }).expect(422);
  }
  expect((await api.request.get("/v1/consumers").set(theirs.bearer)).body.items).toHaveLength(1);
});

test("works with an API key with the scope `read` and no other scope", async ({ api }) => {
  const owner = await newUser(api);
  const keyOf = async (scope: string) => {
    const { body } = await api.request
      .post("/v1/api-keys")
      .set(owner.bearer)
      .send({ name: scope, scopes: [scope] });
    return { Authorization: `Bearer ${body.secret}` };
  };
  const [reading, sending] = [await keyOf("read"), await keyOf("send")];
  const agent = await newUser(api, "agent", owner.companyId);
  await api.request.post("/v1/consumers").set(reading).send({ name: "erp" }).expect(200);
  await emit(api, owner);
  const { body } = await api.request.get(`${path}/events?waitSeconds=5`).set(reading).expect(200);
  expect(body.events).toHaveLength(1);
  for (const bearer of [sending, agent.bearer]) await api.request.get(`${path}/events`).set(bearer).expect(403);
  await api.request.get(`${path}/events?limit=5001`).set(reading).expect(422);
  await api.request.get(`${path}/events?waitSeconds=31`).set(reading).expect(422);
  await api.request.get("/v1/consumers/%00/events").set(reading).expect(404);
});

test("serves events while Redis is lost, and has each event once when a new log begins", async ({ api }) => {
  const owner = await newUser(api);
  await create(api, owner).expect(200);
  await emit(api, owner, 4);
  await expect.poll(async () => (await read(api, owner)).events.length).toBe(4);
  await api.redis.flushall();
  expect((await read(api, owner)).events).toHaveLength(4);
  await emit(api, owner, 4, "Maria");
  const events = await consume(api, owner, 8);
  expect(events.map(({ data }) => data.Name)).toEqual([...Array(4).fill("João"), ...Array(4).fill("Maria")]);
  expect(events.slice(4).map(({ id }) => id)).toEqual(await idsOnSocket(api, owner));
});
