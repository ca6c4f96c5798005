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
  "recovers from lost subscriptions without closing sockets, losing events or repeating them",
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
  "is not ready while Redis connections are silent, replaces them, and delivers all events",
  { timeout: 300_000 },
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
    // Only the connections that are open now, as when a router drops its state.
    proxy.set({ isSilent: true }, () => true);
    await publisher.publishDurable(who.companyId, [message("during the silence")]);
    await expect.poll(status).toBe(503);
    await expect.poll(status).toBe(200);
    await publisher.publishDurable(who.companyId, [message("after the silence")]);
    expect(bodyOf(await client.nextOf("new_message"))).toBe("during the silence");
    expect(bodyOf(await client.nextOf("new_message"))).toBe("after the silence");
    expect(client.frames.map(({ type }) => type)).not.toContain("resync");
  },
);

redisTest(
  "is not ready while only the subscription is silent, and recovers without help",
  { timeout: 300_000 },
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
    // The test opens the first connection; the gateway then opens one for commands and one for subscriptions.
    proxy.set({ isSilent: true }, (link) => link === 2);
    await expect.poll(health).toMatchObject({ redis: "ok", subscriptions: "catching up with Redis" });
    await expect.poll(health).toMatchObject({ redis: "ok", subscriptions: "ok" });
    client.send({ type: "ping" });
    await client.nextOf("pong");
  },
);
