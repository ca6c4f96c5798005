import { catalog, channels, keys } from "@syszap/contracts";
import { exampleEvent, redisTest } from "@syszap/testing";
import { expect } from "vitest";
import { person, runGateway } from "../gateway-fixture.ts";
import type { SocketClient } from "../socket-client.ts";

const message = (body: string, audience: Parameters<typeof exampleEvent>[1] = {}) =>
  exampleEvent(catalog.new_message, { ...audience, data: { Body: body } });
const bodiesUntil = async (client: SocketClient, last: string) => {
  const bodies: unknown[] = [];
  while (bodies.at(-1) !== last) bodies.push((await client.nextOf("new_message")).data.Body);
  return bodies;
};

redisTest(
  "sends the missed events in order to a client that reconnects with its cursor, then live events",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const client = await gateway.client(who);
    await gateway.publisher.publishDurable(who.companyId, [message("seen")]);
    const { cursor: since = "" } = await client.nextOf("new_message");
    client.close();
    await gateway.publisher.publishDurable(who.companyId, [message("missed 1"), message("missed 2")]);
    const again = await gateway.client(who, { since });
    expect((await again.welcomed()).data).toMatchObject({ recovered: true, cursor: since, afterMs: 0 });
    await gateway.publisher.publishDurable(who.companyId, [message("live")]);
    expect(await bodiesUntil(again, "live")).toEqual(["missed 1", "missed 2", "live"]);
  },
);

redisTest("resumes at another gateway that did not receive the events", async ({ redisUrl }) => {
  const [first, second] = [await runGateway({ redisUrl }), await runGateway({ redisUrl })];
  const who = person();
  const client = await first.client(who);
  const { cursor: since } = (await client.welcomed()).data;
  await first.publisher.publishDurable(who.companyId, [message("one"), message("two")]);
  await bodiesUntil(client, "two");
  const again = await second.client(who, { since: String(since) });
  expect((await again.welcomed()).data).toMatchObject({ recovered: true, cursor: since });
  expect(await bodiesUntil(again, "two")).toEqual(["one", "two"]);
});

redisTest("filters missed events by audience like live events", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const since = await gateway.publisher.head(who.companyId);
  const forAdmins = { audience: { kind: "role" as const, roles: ["owner" as const, "admin" as const] } };
  await gateway.publisher.publishDurable(who.companyId, [message("for admins", forAdmins), message("for all")]);
  const client = await gateway.client(who, { since });
  expect((await client.welcomed()).data).toMatchObject({ recovered: true });
  expect(await bodiesUntil(client, "for all")).toEqual(["for all"]);
});

redisTest("does not recover from another company's cursor, an old one or an invalid one", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const [who, other] = [person(), person()];
  await gateway.publisher.publishDurable(who.companyId, [message("one")]);
  await gateway.publisher.publishDurable(other.companyId, [message("one")]);
  const head = await gateway.publisher.head(who.companyId);
  const foreign = await gateway.publisher.head(other.companyId);
  for (const since of [foreign, `7.${"0".repeat(16)}`, "junk", ""]) {
    const client = await gateway.client(who, { since });
    expect((await client.welcomed()).data).toMatchObject({ recovered: false, cursor: head });
    client.close();
  }
});

redisTest(
  "does not resume after a role change, because events that were filtered before would be missing",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const client = await gateway.client(who);
    const { cursor } = (await client.welcomed()).data;
    const forAdmins = { audience: { kind: "role" as const, roles: ["admin" as const] } };
    await gateway.publisher.publishDurable(who.companyId, [message("for admins", forAdmins)]);
    await gateway.publisher.controlGateways({ kind: "disconnect_user", companyId: who.companyId, userId: who.userId });
    await client.closed;
    const admin = { ...who, role: "admin" as const };
    const promoted = await gateway.client(admin, { since: String(cursor) });
    expect((await promoted.welcomed()).data).toMatchObject({ recovered: false });
    await gateway.publisher.publishDurable(who.companyId, [message("next")]);
    const { cursor: since = "" } = await promoted.nextOf("new_message");
    expect((await (await gateway.client(admin, { since })).welcomed()).data).toMatchObject({ recovered: true });
  },
);

redisTest(
  "delivers every event exactly once to clients that connect while events are published",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const since = await gateway.publisher.head(who.companyId);
    const events = Array.from({ length: 400 }, (_, index) => message(`${index}`));
    const publishing = (async () => {
      for (const event of events) await gateway.publisher.publishDurable(who.companyId, [event]);
    })();
    const clients = await Promise.all(Array.from({ length: 12 }, () => gateway.client(who, { since })));
    await publishing;
    for (const client of clients)
      expect(await bodiesUntil(client, "399")).toEqual(events.map(({ data }) => (data as { Body: string }).Body));
  },
);

redisTest("sends a resync when the log was restarted, and continues the stream", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const client = await gateway.client(who);
  await gateway.publisher.publishDurable(who.companyId, [message("before")]);
  await client.nextOf("new_message");
  await gateway.redis.del(keys.head(channels.company(who.companyId)));
  await gateway.publisher.publishDurable(who.companyId, [message("unseen")]);
  const resync = await client.nextOf("resync");
  expect(resync.data).toMatchObject({ reason: "log_lost", afterMs: expect.any(Number) });
  await gateway.publisher.publishDurable(who.companyId, [message("after")]);
  expect((await bodiesUntil(client, "after")).at(-1)).toBe("after");
});

redisTest("recovers from a lost Redis connection without closing sockets or losing events", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const client = await gateway.client(who);
  const events = Array.from({ length: 300 }, (_, index) => message(`${index}`));
  for (const [index, event] of events.entries()) {
    await gateway.publisher.publishDurable(who.companyId, [event]);
    if (index === 100 || index === 200) await gateway.redis.client("KILL", "TYPE", "pubsub");
  }
  expect(await bodiesUntil(client, "299")).toEqual(events.map(({ data }) => (data as { Body: string }).Body));
  expect(client.frames.map(({ type }) => type)).not.toContain("resync");
});
