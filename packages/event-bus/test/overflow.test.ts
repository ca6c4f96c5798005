import { randomUUID } from "node:crypto";
import { catalog, channels } from "@syszap/contracts";
import { exampleEvent, redisTest } from "@syszap/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { Publisher, Subscriber } from "../src/index.ts";
import { Recorder, silent } from "./recorder.ts";

redisTest("reads events from the log, once and in order, after the inbox overflowed", async ({ redisUrl }) => {
  const commands = new Redis(redisUrl);
  const link = new Redis(redisUrl, { enableReadyCheck: false, autoResubscribe: false, maxRetriesPerRequest: null });
  const publisher = new Publisher(commands, silent);
  const recorder = new Recorder();
  const subscriber = new Subscriber(
    { redis: link, commands, log: silent },
    {
      publication: (_, { frame }) => recorder.note((JSON.parse(frame.toString()) as { id: string }).id),
      announcement: () => {},
      resync: (_, reason) => recorder.note(`resync ${reason}`),
      controlCommand: () => {},
      controlCommandsLost: () => {},
    },
  );
  onTestFinished(() => {
    subscriber.close();
    commands.disconnect();
  });
  const companyId = randomUUID();
  await expect.poll(() => subscriber.isReady).toBe(true);
  await subscriber.join(companyId, undefined, () => {});
  const events = Array.from({ length: 30 }, () => exampleEvent(catalog.new_message));
  await publisher.publishDurable(companyId, events.slice(0, 10));
  // Simulates a burst of 80 MB within one read, on channels without subscription.
  const burst = Buffer.alloc(1024 * 1024, "x");
  await publisher.publishDurable(companyId, events.slice(10, 20));
  for (let count = 0; count < 80; count++)
    link.emit("messageBuffer", Buffer.from(channels.company(randomUUID())), burst);
  expect(subscriber.isReady).toBe(false);
  await expect.poll(() => subscriber.isReady).toBe(true);
  await publisher.publishDurable(companyId, events.slice(20));
  await recorder.until(() => recorder.entries.length >= events.length);
  expect(recorder.entries).toEqual(events.map(({ id }) => id));
});
