import { catalog } from "@syszap/contracts";
import { exampleEvent, redisTest } from "@syszap/testing";
import { expect } from "vitest";
import { person, runGateway, type TestGateway } from "../gateway-fixture.ts";
import type { SocketClient } from "../socket-client.ts";

const eventBytes = 100_000;
const maxEvents = 500;
const big = (number: number) =>
  exampleEvent(catalog.new_message, { data: { Body: `${number} ${"x".repeat(eventBytes)}` } });
const numberOf = (frame: { data: Record<string, unknown> }) => Number.parseInt(String(frame.data.Body), 10);

/** Publishes until `isOver`. Waits for the reader after each event, so that only frozen connections fall behind. */
async function publishUntil(
  gateway: TestGateway,
  to: { companyId: string; reader: SocketClient },
  isOver: (published: number) => boolean,
): Promise<void> {
  for (let published = 0; !isOver(published) && published < maxEvents; published++) {
    await gateway.publisher.publishDurable(to.companyId, [big(published)]);
    await to.reader.nextOf("new_message");
  }
}
const openIn = (gateway: TestGateway, companyId: string) => gateway.getWebSocketStats(companyId).totalConnections;
const metric = async (gateway: TestGateway, name: string) => {
  const text = await (await gateway.get("/metrics")).text();
  return Number(new RegExp(`^syszap_${name}[^\\n]* (\\d+)$`, "m").exec(text)?.[1] ?? 0);
};
const closedAsSlow = (gateway: TestGateway) => metric(gateway, 'closes_total\\{code="4503"');

redisTest("a reader that was closed as too slow resumes with its cursor and loses nothing", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { unsentBytes: 500_000 } });
  const who = person();
  const [reader, slow] = [await gateway.client(who), await gateway.client(who)];
  slow.freeze();
  let published = 0;
  let wasBehind = false;
  let isClosed = false;
  for (; !isClosed && published < maxEvents; published++) {
    await gateway.publisher.publishDurable(who.companyId, [big(published)]);
    await reader.nextOf("new_message");
    const unsent = await metric(gateway, "unsent_bytes");
    isClosed = wasBehind && unsent === 0;
    wasBehind ||= unsent > 0;
  }
  for (const last = published + 3; published < last; published++)
    await gateway.publisher.publishDurable(who.companyId, [big(published)]);
  slow.thaw();
  expect(await slow.closed).toMatchObject({ code: 4503 });
  const before = slow.frames.filter(({ type }) => type === "new_message");
  const since = before.at(-1)?.cursor ?? String((await slow.welcomed()).data.cursor);
  expect(before.length).toBeLessThan(published);
  const again = await gateway.client(who, { since });
  expect((await again.welcomed()).data.recovered).toBe(true);
  const after: number[] = [];
  while (before.length + after.length < published) after.push(numberOf(await again.nextOf("new_message")));
  expect([...before.map(numberOf), ...after]).toEqual(Array.from({ length: published }, (_, number) => number));
});

redisTest("closes the slowest readers of a company when together they exceed its limit", async ({ redisUrl }) => {
  const limits = { unsentBytes: 50_000_000, unsentBytesPerCompany: 3_000_000, closeGraceMs: 50 };
  const gateway = await runGateway({ redisUrl, limits });
  const [who, neighbour] = [person(), person()];
  const [reader, beside] = [await gateway.client(who), await gateway.client(neighbour)];
  for (let count = 0; count < 3; count++) (await gateway.client(who)).freeze();
  await publishUntil(gateway, { companyId: who.companyId, reader }, () => openIn(gateway, who.companyId) < 4);
  expect(await closedAsSlow(gateway)).toBeGreaterThan(0);
  await gateway.publisher.publishDurable(neighbour.companyId, [big(1)]);
  await beside.nextOf("new_message");
});

redisTest(
  "closes the slowest readers of all companies when they exceed the limit of the process",
  async ({ redisUrl }) => {
    const limits = { unsentBytes: 50_000_000, unsentBytesPerProcess: 3_000_000, closeGraceMs: 50 };
    const gateway = await runGateway({ redisUrl, limits });
    const people = [person(), person()];
    const readers = await Promise.all(people.map((each) => gateway.client(each)));
    for (const each of people) (await gateway.client(each)).freeze();
    let isOver = false;
    for (let number = 0; !isOver && number < maxEvents; number++) {
      for (const [index, { companyId }] of people.entries()) {
        await gateway.publisher.publishDurable(companyId, [big(number)]);
        await readers[index]?.nextOf("new_message");
      }
      isOver = gateway.getWebSocketStats().totalConnections < 4;
    }
    expect(isOver).toBe(true);
    expect(await closedAsSlow(gateway)).toBeGreaterThan(0);
  },
);
