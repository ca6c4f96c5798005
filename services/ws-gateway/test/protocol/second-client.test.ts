import { catalog, channels, keys } from "@syszap/contracts";
import { exampleEvent, redisTest } from "@syszap/testing";
import { expect, onTestFinished } from "vitest";
import { origin, type Person, person, runGateway, type TestGateway, ticketFor } from "../gateway-fixture.ts";
import { SecondClient, type TicketAnswer } from "./second-client.ts";

const message = (body: string) => exampleEvent(catalog.new_message, { data: { Body: body } });
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds;

/** What the REST API answers as long as nothing is said. */
const ticketOf = async (gateway: TestGateway, who: Person, claims = {}): Promise<TicketAnswer> => ({
  status: 200,
  body: { ticket: await ticketFor(who, claims), cursor: await gateway.publisher.head(who.companyId) },
});

function clientOf(gateway: TestGateway, who: Person, options: { ask?: () => Promise<TicketAnswer> } = {}) {
  const at = { gateway };
  const client = new SecondClient({
    askTicket: options.ask ?? (() => ticketOf(gateway, who)),
    address: () => `ws://127.0.0.1:${at.gateway.port}/ws`,
    origin,
    companyId: who.companyId,
    userId: who.userId,
  });
  onTestFinished(() => client.close());
  const say = (...bodies: string[]) => gateway.publisher.publishDurable(who.companyId, bodies.map(message));
  const whats = () => client.told.map(({ what }) => what);
  const until = (what: string) => expect.poll(whats, { timeout: 10_000 }).toContain(what);
  return { client, say, whats, until, at };
}

redisTest(
  "from the page alone: what came between the ticket and the socket is told, once and in order",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const { client, say, whats, until } = clientOf(gateway, who, {
      ask: async () => {
        const answer = await ticketOf(gateway, who);
        await say("read too early");
        return answer;
      },
    });
    await client.connect();
    await until("read too early");
    await say("live 1", "live 2");
    await until("live 2");
    expect(whats()).toEqual(["recovered", "read too early", "live 1", "live 2"]);
  },
);

redisTest("from the page alone: a lost wire costs nothing, however often", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const { client, say, whats, until } = clientOf(gateway, who);
  await client.connect();
  await until("recovered");
  for (const round of [1, 2]) {
    await say(`before ${round}`);
    await until(`before ${round}`);
    client.cut();
    await say(`away ${round}`);
    await until(`away ${round}`);
  }
  expect(whats().filter((what) => what !== "recovered")).toEqual(["before 1", "away 1", "before 2", "away 2"]);
  expect(whats()).not.toContain("not recovered");
  expect(client.tickets).toBe(3);
});

redisTest("from the page alone: a pong moves the place past what was for others", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const { client, say, whats, until } = clientOf(gateway, who);
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
  await say("next");
  await until("next");
  expect(whats()).not.toContain("for admins");
});

redisTest("from the page alone: a hole is told, and what follows comes behind it", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const { client, say, whats, until } = clientOf(gateway, who);
  await client.connect();
  await until("recovered");
  await say("before");
  await until("before");
  await gateway.redis.del(keys.head(channels.company(who.companyId)));
  await say("behind the hole");
  await until("resync");
  await say("after");
  await until("after");
  expect(whats().indexOf("resync")).toBeLessThan(whats().indexOf("after"));
  client.cut();
  await say("resumed");
  await until("resumed");
  expect(whats()).not.toContain("not recovered");
});

redisTest(
  "from the page alone: a gateway that leaves is left for another, with nothing missed",
  async ({ redisUrl }) => {
    const limits = { drainSpreadMs: 50, drainWindowMs: 2_000 };
    const [first, second] = [await runGateway({ redisUrl, limits }), await runGateway({ redisUrl })];
    const who = person();
    // Any of them takes the tickets of the other: they sign with one key here, as in production.
    const { client, at, until, whats } = clientOf(second, who);
    at.gateway = first;
    await client.connect();
    await until("recovered");
    at.gateway = second;
    const stopping = first.stop();
    await second.publisher.publishDurable(who.companyId, [message("while it left")]);
    await until("while it left");
    await stopping;
    await expect.poll(() => client.isOpen).toBe(true);
    await second.publisher.publishDurable(who.companyId, [message("at the other")]);
    await until("at the other");
    expect(whats().filter((what) => what === "while it left")).toHaveLength(1);
    expect(whats()).not.toContain("not recovered");
  },
);

redisTest("from the page alone: a connection outlives its first token by a refresh", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const firstEnd = inSeconds(2);
  let asked = 0;
  const { client, say, until } = clientOf(gateway, who, {
    ask: () => ticketOf(gateway, who, ++asked === 1 ? { ate: firstEnd } : {}),
  });
  await client.connect();
  await expect.poll(() => Date.now() > firstEnd * 1_000 + 300, { timeout: 5_000 }).toBe(true);
  await say("after the first end");
  await until("after the first end");
  expect([asked, client.closes]).toEqual([2, []]);
});

redisTest("from the page alone: it stops when it is told to, and says why", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const [who, closed] = [person(), person()];
  let status = 200;
  const loggedOut = clientOf(gateway, who, {
    ask: async () => (status === 200 ? ticketOf(gateway, who) : { status }),
  });
  const ofClosed = clientOf(gateway, closed);
  for (const { client, until } of [loggedOut, ofClosed]) {
    await client.connect();
    await until("recovered");
  }
  status = 401;
  await gateway.publisher.controlGateways({ kind: "disconnect_login", companyId: who.companyId, loginId: who.loginId });
  await gateway.publisher.controlGateways({ kind: "disconnect_company", companyId: closed.companyId });
  await expect.poll(() => [loggedOut.client.end, ofClosed.client.end]).toEqual(["signed out", "stopped"]);
  expect([loggedOut.client.closes, ofClosed.client.closes]).toEqual([[4401], [4403]]);
});

redisTest(
  "from the page alone: what the gateway does not know is answered, and the fifth time closed",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const { client, until, whats } = clientOf(gateway, person());
    await client.connect();
    await until("recovered");
    for (let frame = 1; frame <= 5; frame++) client.send({ type: "subscribe", data: {} });
    await expect.poll(() => client.closes).toEqual([4400]);
    expect(whats().filter((what) => what === "error unknown_frame")).toHaveLength(5);
  },
);
