import { channels, type SessionCommand } from "@syszap/contracts";
import { type LocalRedisCluster, startRedisCluster } from "@syszap/testing";
import { Cluster, Redis } from "ioredis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { BusUnavailableError, CommandSubscriber, readGatewayStats, writeGatewayStats } from "../src/index.ts";
import { NodeLink } from "../src/links/node-link.ts";
import { aChange, changes, join, newCompany, openClusterBus, Recorder, silent } from "./recorder.ts";

let cluster: LocalRedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
}, 30_000);
afterAll(() => cluster.stop());

const opened = () => {
  const bus = openClusterBus(cluster.nodes.map(({ url }) => url));
  onTestFinished(() => bus.close());
  return bus;
};
const idsOf = (events: { id: string }[]) => events.map(({ id }) => id);

test("on a Cluster each company's events arrive once and in order, from whichever node has them", async () => {
  const { publisher, subscribe } = opened();
  const { subscriber, recorder } = subscribe();
  const companies = Array.from({ length: 12 }, newCompany);
  const events = companies.map(() => changes(20));
  await Promise.all(companies.map((company) => join(subscriber, company)));
  await Promise.all(companies.map((company, index) => publisher.publishDurable(company, events[index] ?? [])));
  await recorder.until(() => recorder.told.length >= 12 * 20);
  for (const ofCompany of events) {
    const ids = new Set(idsOf(ofCompany));
    expect(recorder.told.filter((id) => ids.has(id))).toEqual([...ids]);
  }
  expect(recorder.told).toHaveLength(12 * 20);
});

test("no plain PUBLISH leaves a node, which would reach every other one", async () => {
  const { publisher, redis } = opened();
  const company = newCompany();
  await publisher.publishDurable(company, [aChange()]);
  await publisher.command(company, { kind: "new_qr", sessionId: newCompany() });
  await publisher.wake();
  for (const node of redis.nodes("master")) expect(await node.info("commandstats")).not.toMatch(/cmdstat_publish:/);
});

test("a slot that moves while somebody publishes loses nothing and doubles nothing", async () => {
  const { publisher, subscribe } = opened();
  const { subscriber, recorder } = subscribe();
  const company = newCompany();
  await join(subscriber, company);
  const [before, during, after] = [changes(50), changes(200), changes(50)];
  await publisher.publishDurable(company, before);
  const publishing = (async () => {
    for (const event of during) await publisher.publishDurable(company, [event]);
  })();
  const { from, to } = await cluster.moveSlotOf(channels.company(company));
  expect(to).not.toBe(from);
  await publishing;
  await publisher.publishDurable(company, after);
  const ids = idsOf([...before, ...during, ...after]);
  await recorder.untilTold(ids.at(-1) ?? "");
  expect(recorder.told).toEqual(ids);
}, 30_000);

test("a subscription that a moved slot ended is made anew at the slot's new node", async () => {
  const { publisher, subscribe } = opened();
  // Without head checks only the subscription itself can bring anything.
  const { subscriber, recorder } = subscribe({ headCheckMs: 60_000_000 });
  const company = newCompany();
  await join(subscriber, company);
  await cluster.moveSlotOf(channels.company(company));
  await expect.poll(() => subscriber.isReady, { timeout: 10_000 }).toBe(true);
  const events = changes(3);
  await expect
    .poll(
      async () => {
        const [event] = changes(1);
        if (event) events.push(event);
        await publisher.publishDurable(company, event ? [event] : []);
        return recorder.told.length > 0;
      },
      { timeout: 10_000, interval: 200 },
    )
    .toBe(true);
  const published = idsOf(events.slice(3));
  await recorder.untilTold(published.at(-1) ?? "");
  expect(recorder.told).toEqual(published);
}, 30_000);

test("a node that has given a slot away is told from one that is silent: whoever subscribes there learns it at once", async () => {
  const channel = channels.company(newCompany());
  const owners = new Set<string>();
  for (const { url } of cluster.nodes) {
    const redis = new Redis(url);
    const reconnects = new Recorder();
    const events = { message: () => undefined, overflow: () => undefined, up: () => reconnects.note("up") };
    const link = new NodeLink(redis, { ...events, down: () => reconnects.note("down") }, silent, true);
    onTestFinished(() => link.close());
    await reconnects.untilTold("up");
    const startedAt = performance.now();
    const answer = await link.subscribe([channel]).then(
      () => "subscribed",
      (error: unknown) => error,
    );
    if (answer === "subscribed") owners.add(url);
    else expect(answer).toBeInstanceOf(BusUnavailableError);
    // Its answer's own limit is 4,000 ms, and ends the connection.
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(reconnects.told).toEqual(["up"]);
  }
  expect(owners.size).toBe(1);
}, 20_000);

test("commands reach the session's owner, and statistics are summed, on a Cluster too", async () => {
  const { publisher, redis } = opened();
  const nodes = cluster.nodes.map(({ url }) => url);
  const commands = new CommandSubscriber(new Cluster(nodes), silent);
  onTestFinished(() => commands.close());
  const recorder = new Recorder();
  commands.onWake(() => recorder.note("wake"));
  commands.onCommand((companyId, command) => recorder.note(`${companyId} ${command.kind}`));
  await recorder.untilTold("wake");
  const company = newCompany();
  await commands.watch(company);
  const command: SessionCommand = { kind: "new_qr", sessionId: newCompany() };
  await publisher.command(company, command);
  await recorder.untilTold(`${company} new_qr`);
  await writeGatewayStats(redis, "gateway-1", new Map([[company, { total: 2, connections: [] }]]));
  await writeGatewayStats(redis, "gateway-2", new Map([[company, { total: 3, connections: [] }]]));
  expect(await readGatewayStats(redis, company)).toMatchObject({ totalConnections: 5, gateways: 2 });
});
