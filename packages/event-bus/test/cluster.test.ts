import { channels, type SessionCommand } from "@syszap/contracts";
import { type LocalRedisCluster, startRedisCluster } from "@syszap/testing";
import { Cluster, Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { BusUnavailableError, CommandSubscriber, readGatewayStats, writeGatewayStats } from "../src/index.ts";
import { NodeLink } from "../src/links/node-link.ts";
import { redisIdentity } from "../src/replay/identity.ts";
import { readMarker, writeMarker } from "../src/replay/marker.ts";
import { join, newCompany, newEvent, newEvents, openClusterBus, Recorder, silent } from "./recorder.ts";

let cluster: LocalRedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.stop());

const openTestBus = () => {
  const bus = openClusterBus(cluster.nodes.map(({ url }) => url));
  onTestFinished(() => bus.close());
  return bus;
};
const idsOf = (events: { id: string }[]) => events.map(({ id }) => id);

test("delivers each company's events once and in order, from all nodes of a Cluster", async () => {
  const { publisher, subscribe } = openTestBus();
  const { subscriber, recorder } = subscribe();
  const companies = Array.from({ length: 12 }, newCompany);
  const events = companies.map(() => newEvents(20));
  await Promise.all(companies.map((company) => join(subscriber, company)));
  await Promise.all(companies.map((company, index) => publisher.publishDurable(company, events[index] ?? [])));
  await recorder.until(() => recorder.entries.length >= 12 * 20);
  for (const ofCompany of events) {
    const ids = new Set(idsOf(ofCompany));
    expect(recorder.entries.filter((id) => ids.has(id))).toEqual([...ids]);
  }
  expect(recorder.entries).toHaveLength(12 * 20);
});

test("subscribes many channels at each node at once without a warning of too many listeners", async () => {
  const warnings: Error[] = [];
  const collect = (warning: Error) => warnings.push(warning);
  process.on("warning", collect);
  onTestFinished(() => void process.off("warning", collect));
  const { subscribe } = openTestBus();
  const { subscriber } = subscribe();
  await Promise.all(Array.from({ length: 120 }, () => join(subscriber, newCompany())));
  expect(warnings).toEqual([]);
});

test("sends no plain PUBLISH, which a Cluster broadcasts to every node", async () => {
  const { publisher, redis } = openTestBus();
  const company = newCompany();
  await publisher.publishDurable(company, [newEvent()]);
  await publisher.command(company, { kind: "new_qr", sessionId: newCompany() });
  await publisher.wake();
  for (const node of redis.nodes("master")) expect(await node.info("commandstats")).not.toMatch(/cmdstat_publish:/);
});

test("loses and repeats nothing when a slot moves while events are published", async () => {
  const { publisher, subscribe } = openTestBus();
  const { subscriber, recorder } = subscribe();
  const company = newCompany();
  await join(subscriber, company);
  const [before, during, after] = [newEvents(50), newEvents(200), newEvents(50)];
  await publisher.publishDurable(company, before);
  const publishing = (async () => {
    for (const event of during) await publisher.publishDurable(company, [event]);
  })();
  const { from, to } = await cluster.moveSlotOf(channels.company(company));
  expect(to).not.toBe(from);
  await publishing;
  await publisher.publishDurable(company, after);
  const ids = idsOf([...before, ...during, ...after]);
  await recorder.untilNoted(ids.at(-1) ?? "");
  expect(recorder.entries).toEqual(ids);
});

test("subscribes again at the new node after a slot has moved", async () => {
  const { publisher, subscribe } = openTestBus();
  // Without head checks, only the subscription can deliver events.
  const { subscriber, recorder } = subscribe({ headCheckMs: 60_000_000 });
  const company = newCompany();
  await join(subscriber, company);
  await cluster.moveSlotOf(channels.company(company));
  await expect.poll(() => subscriber.isReady).toBe(true);
  const events = newEvents(3);
  await expect
    .poll(
      async () => {
        const [event] = newEvents(1);
        if (event) events.push(event);
        await publisher.publishDurable(company, event ? [event] : []);
        return recorder.entries.length > 0;
      },
      { interval: 200 },
    )
    .toBe(true);
  const published = idsOf(events.slice(3));
  await recorder.untilNoted(published.at(-1) ?? "");
  expect(recorder.entries).toEqual(published);
});

test("rejects a subscribe at a node without the slot, and keeps the connection", async () => {
  const channel = channels.company(newCompany());
  const owners = new Set<string>();
  for (const { url } of cluster.nodes) {
    const redis = new Redis(url);
    const reconnects = new Recorder();
    const events = { message: () => undefined, overflow: () => undefined, up: () => reconnects.note("up") };
    const link = new NodeLink(redis, { ...events, down: () => reconnects.note("down") }, silent, true);
    onTestFinished(() => link.close());
    await reconnects.untilNoted("up");
    const answer = await link.subscribe([channel]).then(
      () => "subscribed",
      (error: unknown) => error,
    );
    if (answer === "subscribed") owners.add(url);
    else expect(answer).toEqual(new BusUnavailableError("the slot of a channel has moved to another node"));
    // A timeout would have ended the connection.
    expect(reconnects.entries).toEqual(["up"]);
  }
  expect(owners.size).toBe(1);
});

test("delivers commands and sums statistics on a Cluster", async () => {
  const { publisher, redis } = openTestBus();
  const nodes = cluster.nodes.map(({ url }) => url);
  const commands = new CommandSubscriber(new Cluster(nodes), silent);
  onTestFinished(() => commands.close());
  const recorder = new Recorder();
  commands.onWake(() => recorder.note("wake"));
  commands.onCommand((companyId, command) => recorder.note(`${companyId} ${command.kind}`));
  await recorder.untilNoted("wake");
  const company = newCompany();
  await commands.watch(company);
  const command: SessionCommand = { kind: "new_qr", sessionId: newCompany() };
  await publisher.command(company, command);
  await recorder.untilNoted(`${company} new_qr`);
  await writeGatewayStats(redis, "gateway-1", new Map([[company, { total: 2, connections: [] }]]));
  await writeGatewayStats(redis, "gateway-2", new Map([[company, { total: 3, connections: [] }]]));
  expect(await readGatewayStats(redis, company)).toMatchObject({ totalConnections: 5, gateways: 2 });
});

test("writes the replay's marker on a master of its own Cluster only", async () => {
  const { redis } = openTestBus();
  await redis.ping();
  const marker = { identity: await redisIdentity(redis), completeAt: 5, repeatAt: 0 };
  await writeMarker(redis, marker);
  await writeMarker(redis, { ...marker, identity: "another/redis", completeAt: 6 });
  expect(await readMarker(redis)).toEqual(marker);
});
