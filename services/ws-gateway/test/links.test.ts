import { catalog } from "@syszap/contracts";
import { Publisher } from "@syszap/event-bus";
import type { HealthReport } from "@syszap/platform";
import { exampleEvent, redisTest } from "@syszap/testing";
import { startFaultProxy } from "@syszap/testing/fault-proxy";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { person, runGateway } from "./gateway-fixture.ts";

const message = (body: string) => exampleEvent(catalog.new_message, { data: { Body: body } });
const bodyOf = ({ data }: { data: Record<string, unknown> }) => data.Body;

redisTest(
  "a lost subscription is healed unseen: sockets stay, and nothing is missing or twice",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const who = person();
    const client = await gateway.client(who);
    for (let round = 0; round < 5; round++) {
      await gateway.redis.client("KILL", "TYPE", "pubsub");
      await gateway.publisher.publishDurable(who.companyId, [message(`${round} a`), message(`${round} b`)]);
      expect(bodyOf(await client.nextOf("new_message"))).toBe(`${round} a`);
      expect(bodyOf(await client.nextOf("new_message"))).toBe(`${round} b`);
    }
    expect(client.frames.map(({ type }) => type)).not.toContain("resync");
  },
);

redisTest(
  "links that fall silent turn the gateway red and are made anew; its browsers get all of it",
  { timeout: 40_000 },
  async ({ redisUrl }) => {
    const { port } = new URL(redisUrl);
    const proxy = await startFaultProxy(Number(port));
    onTestFinished(() => proxy.close());
    const gateway = await runGateway({ redisUrl: `redis://127.0.0.1:${proxy.port}` });
    const who = person();
    const client = await gateway.client(who);
    const status = async () => (await gateway.get("/health/ready")).status;
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    const publisher = new Publisher(redis, { info: () => {}, warn: () => {}, error: () => {} });
    // Those that are open now, and no later one: as when a router forgets them.
    proxy.set({ isSilent: true }, () => true);
    await publisher.publishDurable(who.companyId, [message("in the silence")]);
    await expect.poll(status, { timeout: 15_000 }).toBe(503);
    await expect.poll(status, { timeout: 20_000 }).toBe(200);
    await publisher.publishDurable(who.companyId, [message("after the silence")]);
    expect(bodyOf(await client.nextOf("new_message"))).toBe("in the silence");
    expect(bodyOf(await client.nextOf("new_message"))).toBe("after the silence");
    expect(client.frames.map(({ type }) => type)).not.toContain("resync");
  },
);

redisTest(
  "a subscription alone that falls silent turns the gateway red within 5 s, and green again by itself",
  { timeout: 40_000 },
  async ({ redisUrl }) => {
    const { port } = new URL(redisUrl);
    const proxy = await startFaultProxy(Number(port));
    onTestFinished(() => proxy.close());
    const gateway = await runGateway({ redisUrl: `redis://127.0.0.1:${proxy.port}` });
    const client = await gateway.client(person());
    const health = async () => {
      const report = (await (await gateway.get("/health/ready")).json()) as HealthReport;
      return report.checks;
    };
    // The test has the first link; the gateway opens one for commands, then one for subscriptions.
    proxy.set({ isSilent: true }, (link) => link === 2);
    await expect
      .poll(health, { timeout: 5_000 })
      .toMatchObject({ redis: "ok", subscriptions: "catching up with Redis" });
    await expect.poll(health, { timeout: 15_000 }).toMatchObject({ redis: "ok", subscriptions: "ok" });
    client.send({ type: "ping" });
    await client.nextOf("pong");
  },
);
