import { randomUUID } from "node:crypto";
import {
  type Audience,
  catalog,
  type DurableEvent,
  type EphemeralEvent,
  type EventType,
  eventTypes,
} from "@syszap/contracts";
import type { Publisher } from "@syszap/event-bus";
import { example, exampleEvent, redisTest } from "@syszap/testing";
import { expect } from "vitest";
import { person, runGateway } from "../gateway-fixture.ts";

/** Publishes a durable or ephemeral event. */
async function publish(
  publisher: Publisher,
  companyId: string,
  event: { type: EventType; audience?: Audience; data?: object },
): Promise<void> {
  const definition = catalog[event.type];
  const audience = event.audience ?? { kind: "company" };
  const data = example(definition.data, event.data ?? {});
  if (definition.durable) {
    const durable = { type: event.type, id: randomUUID(), version: 1, audience, data } as DurableEvent;
    await publisher.publishDurable(companyId, [durable]);
  } else {
    await publisher.publishEphemeral(companyId, { type: event.type, audience, data } as EphemeralEvent, {
      expiresInMs: 10_000,
    });
  }
}
const message = (body: string) => exampleEvent(catalog.new_message, { data: { Body: body } });

/** `access_changed` is not delivered: see access.test.ts. */
const deliveredTypes = eventTypes.filter((type) => type !== "access_changed");

redisTest.for(deliveredTypes)("delivers %s only to clients of the company", async (type, { redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const [acme, globex] = [person({ role: "owner" }), person({ role: "owner" })];
  const [atAcme, atGlobex] = [await gateway.client(acme), await gateway.client(globex)];
  const timestamp = "2001-02-03T04:05:06.789Z";
  await publish(gateway.publisher, globex.companyId, { type, data: { timestamp } });
  // Redis keeps the publish order, so a leaked event would arrive before the barrier.
  await gateway.publisher.publishDurable(acme.companyId, [message("barrier")]);
  await gateway.publisher.publishDurable(globex.companyId, [message("barrier")]);
  const marked = async (client: typeof atAcme) => {
    while ((await client.next()).data.Body !== "barrier");
    return client.frames.filter(({ data }) => data.timestamp === timestamp).map((frame) => frame.type);
  };
  expect(await marked(atGlobex)).toEqual([type]);
  expect(await marked(atAcme)).toEqual([]);
});

redisTest("delivers an event for one user or one role to nobody else in the company", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const admin = person({ role: "admin" });
  const { companyId } = admin;
  const [agent, colleague] = [person({ companyId }), person({ companyId })];
  const [atAdmin, atAgent, atColleague] = [
    await gateway.client(admin),
    await gateway.client(agent),
    await gateway.client(colleague),
  ];
  const toUser: Audience = { kind: "user", userId: agent.userId };
  await publish(gateway.publisher, companyId, {
    type: "qr_code",
    audience: { kind: "role", roles: ["owner", "admin"] },
  });
  await publish(gateway.publisher, companyId, {
    type: "new_message",
    audience: toUser,
    data: { Body: "for the agent" },
  });
  await gateway.publisher.broadcastToUser(companyId, colleague.userId, {
    type: "announcement",
    audience: toUser,
    data: example(catalog.announcement.data, { title: "for the colleague" }),
  });
  await gateway.publisher.publishDurable(companyId, [message("barrier")]);
  const seenBy = async (client: typeof atAdmin) => {
    const seen: string[] = [];
    for (;;) {
      const frame = await client.next();
      if (frame.data.Body === "barrier") return seen;
      if (frame.type !== "welcome" && frame.type !== "live_stats") seen.push(frame.type);
    }
  };
  expect(await seenBy(atAdmin)).toEqual(["qr_code"]);
  expect(await seenBy(atAgent)).toEqual(["new_message"]);
  expect(await seenBy(atColleague)).toEqual(["announcement"]);
});

redisTest("advances the cursor in pong past events that were filtered out", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const agent = person();
  const client = await gateway.client(agent);
  const audience: Audience = { kind: "role", roles: ["owner"] };
  await publish(gateway.publisher, agent.companyId, { type: "new_message", audience });
  const head = await gateway.publisher.head(agent.companyId);
  await gateway.publisher.broadcastToCompany(agent.companyId, {
    type: "announcement",
    audience: { kind: "company" },
    data: example(catalog.announcement.data),
  });
  await client.nextOf("announcement");
  client.send({ type: "ping", data: {} });
  expect((await client.nextOf("pong")).data.cursor).toBe(head);
});

redisTest("delivers an announcement for everybody to every company", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const clients = await Promise.all([person(), person()].map((each) => gateway.client(each)));
  await gateway.publisher.broadcastToAll(example(catalog.announcement.data, { title: "Manutenção às 22h" }));
  for (const client of clients) expect((await client.nextOf("announcement")).data.title).toBe("Manutenção às 22h");
});

redisTest("delivers a thousand events to each client once, unchanged and in order", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const clients = await Promise.all([0, 1, 2].map(() => gateway.client(who)));
  const events = Array.from({ length: 1_000 }, (_, index) => message(`nº ${index} ${"é👍".repeat(index % 200)}`));
  for (let from = 0; from < events.length; from += 40)
    await gateway.publisher.publishDurable(who.companyId, events.slice(from, from + 40));
  for (const client of clients) {
    const bodies: unknown[] = [];
    while (bodies.length < events.length) bodies.push((await client.nextOf("new_message")).data);
    expect(bodies).toEqual(events.map(({ data }) => data));
    const cursors = client.frames.flatMap((frame) => (frame.cursor ? [frame.cursor] : []));
    expect(new Set(cursors).size).toBe(events.length);
  }
});

redisTest("sends a resync instead of the waiting events when a company exceeds its limit", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { pendingBytesPerCompany: 2_000 } });
  const who = person();
  const client = await gateway.client(who);
  const { cursor: start } = (await client.welcomed()).data;
  const events = Array.from({ length: 60 }, () => message("one of many"));
  await gateway.publisher.publishDurable(who.companyId, events);
  await gateway.publisher.publishDurable(who.companyId, [message("last")]);
  const last = Number.parseInt(await gateway.publisher.head(who.companyId), 10);
  let position = Number.parseInt(String(start), 10);
  while (position < last) {
    const frame = await client.next();
    if (frame.type === "resync") position = Number.parseInt(String(frame.data.cursor), 10);
    if (frame.seq !== undefined) expect(frame.seq).toBe(++position);
  }
  expect(client.frames.map(({ type }) => type)).toContain("resync");
});
