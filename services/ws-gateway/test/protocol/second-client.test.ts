import { catalog, channels, keys } from "@syszap/contracts";
import { exampleEvent, redisTest } from "@syszap/testing";
import { expect, onTestFinished } from "vitest";
import { origin, type Person, person, runGateway, type TestGateway, ticketFor } from "../gateway-fixture.ts";
import { SecondClient, type TicketResponse } from "./second-client.ts";

const message = (body: string) => exampleEvent(catalog.new_message, { data: { Body: body } });
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

/** The response of the REST API to a signed-in user. */
const ticketOf = async (gateway: TestGateway, who: Person, claims = {}): Promise<TicketResponse> => ({
  status: 200,
  body: { ticket: await ticketFor(who, claims), cursor: await gateway.publisher.head(who.companyId) },
});

function clientOf(gateway: TestGateway, who: Person, options: { request?: () => Promise<TicketResponse> } = {}) {
  /** The gateway of the next connection. */
  const target = { gateway };
  const client = new SecondClient({
    requestTicket: options.request ?? (() => ticketOf(gateway, who)),
    url: () => `ws://127.0.0.1:${target.gateway.port}/ws`,
    origin,
    companyId: who.companyId,
    userId: who.userId,
  });
  onTestFinished(() => client.close());
  const publish = (...bodies: string[]) => gateway.publisher.publishDurable(who.companyId, bodies.map(message));
  const labels = () => client.received.map(({ label }) => label);
  const until = (label: string) => expect.poll(labels, { timeout: 60_000 }).toContain(label);
  return { client, publish, labels, until, target };
}

redisTest(
  "from the documentation alone, receives events between ticket and connection once and in order",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const { client, publish, labels, until } = clientOf(gateway, who, {
      request: async () => {
        const response = await ticketOf(gateway, who);
        await publish("published before the socket opened");
        return response;
      },
    });
    await client.connect();
    await until("published before the socket opened");
    await publish("live 1", "live 2");
    await until("live 2");
    expect(labels()).toEqual(["recovered", "published before the socket opened", "live 1", "live 2"]);
  },
);

redisTest(
  "from the documentation alone, loses nothing when the network connection is lost repeatedly",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const { client, publish, labels, until } = clientOf(gateway, who);
    await client.connect();
    await until("recovered");
    for (const round of [1, 2]) {
      await publish(`before ${round}`);
      await until(`before ${round}`);
      client.cut();
      await publish(`away ${round}`);
      await until(`away ${round}`);
    }
    expect(labels().filter((label) => label !== "recovered")).toEqual(["before 1", "away 1", "before 2", "away 2"]);
    expect(labels()).not.toContain("not recovered");
    expect(client.tickets).toBe(3);
  },
);

redisTest("from the documentation alone, advances its cursor by pong past events for others", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const { client, publish, labels, until } = clientOf(gateway, who);
  await client.connect();
  await until("recovered");
  const forAdmins = { ...message("for admins"), audience: { kind: "role" as const, roles: ["admin" as const] } };
  await gateway.publisher.publishDurable(who.companyId, [forAdmins]);
  const head = await gateway.publisher.head(who.companyId);
  await expect
    .poll(
      () => {
        client.send({ type: "ping", data: {} });
        return client.cursor;
      },
      { interval: 150 },
    )
    .toBe(head);
  client.cut();
  await publish("next");
  await until("next");
  expect(labels()).not.toContain("for admins");
});

redisTest(
  "from the documentation alone, receives a resync for a gap before the events that follow it",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const { client, publish, labels, until } = clientOf(gateway, who);
    await client.connect();
    await until("recovered");
    await publish("before");
    await until("before");
    await gateway.redis.del(keys.head(channels.company(who.companyId)));
    await publish("after the gap");
    await until("resync");
    await publish("after");
    await until("after");
    expect(labels().indexOf("resync")).toBeLessThan(labels().indexOf("after"));
    client.cut();
    await publish("resumed");
    await until("resumed");
    expect(labels()).not.toContain("not recovered");
  },
);

redisTest(
  "from the documentation alone, moves from a stopping gateway to another without losing events",
  async ({ redisUrl }) => {
    const limits = { drainSpreadMs: 50, drainWindowMs: 2_000 };
    const [first, second] = [await runGateway({ redisUrl, limits }), await runGateway({ redisUrl })];
    const who = person();
    // Both gateways accept the same tickets, as in production.
    const { client, target, until, labels } = clientOf(second, who);
    target.gateway = first;
    await client.connect();
    await until("recovered");
    target.gateway = second;
    const stopping = first.stop();
    await second.publisher.publishDurable(who.companyId, [message("while it left")]);
    await until("while it left");
    await stopping;
    await expect.poll(() => client.isOpen).toBe(true);
    await second.publisher.publishDurable(who.companyId, [message("at the other")]);
    await until("at the other");
    expect(labels().filter((label) => label === "while it left")).toHaveLength(1);
    expect(labels()).not.toContain("not recovered");
  },
);

redisTest(
  "from the documentation alone, keeps a connection beyond its first token by a refresh",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const firstEnd = inSeconds(8);
    let requests = 0;
    const { client, publish, until } = clientOf(gateway, who, {
      request: () => ticketOf(gateway, who, ++requests === 1 ? { ate: firstEnd } : {}),
    });
    await client.connect();
    await expect.poll(() => Date.now() > firstEnd * 1_000 + 300).toBe(true);
    await publish("after the first end");
    await until("after the first end");
    expect([requests, client.closes]).toEqual([2, []]);
  },
);

redisTest(
  "from the documentation alone, stops after a sign-out or a closed company and reports why",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const [who, closed] = [person(), person()];
    let status = 200;
    const loggedOut = clientOf(gateway, who, {
      request: async () => (status === 200 ? ticketOf(gateway, who) : { status }),
    });
    const ofClosed = clientOf(gateway, closed);
    for (const { client, until } of [loggedOut, ofClosed]) {
      await client.connect();
      await until("recovered");
    }
    status = 401;
    await gateway.publisher.controlGateways({
      kind: "disconnect_login",
      companyId: who.companyId,
      loginId: who.loginId,
    });
    await gateway.publisher.controlGateways({ kind: "disconnect_company", companyId: closed.companyId });
    await expect.poll(() => [loggedOut.client.state, ofClosed.client.state]).toEqual(["signed out", "stopped"]);
    expect([loggedOut.client.closes, ofClosed.client.closes]).toEqual([[4401], [4403]]);
  },
);

redisTest(
  "from the documentation alone, receives an error for each unknown frame and is closed after the fifth",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const { client, until, labels } = clientOf(gateway, person());
    await client.connect();
    await until("recovered");
    for (let frame = 1; frame <= 5; frame++) client.send({ type: "subscribe", data: {} });
    await expect.poll(() => client.closes).toEqual([4400]);
    expect(labels().filter((label) => label === "error unknown_frame")).toHaveLength(5);
  },
);
