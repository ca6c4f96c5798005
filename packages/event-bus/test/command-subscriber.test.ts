import { randomUUID } from "node:crypto";
import { channels, type SessionCommand } from "@syszap/contracts";
import { redisTest } from "@syszap/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { CommandSubscriber } from "../src/index.ts";
import { newCompany, openBus, Recorder, silent } from "./recorder.ts";

const opened = (redisUrl: string) => {
  const bus = openBus(redisUrl);
  const redis = new Redis(redisUrl, { enableReadyCheck: false, autoResubscribe: false, retryStrategy: () => 20 });
  const commands = new CommandSubscriber(redis, silent);
  onTestFinished(async () => {
    await commands.close();
    bus.close();
  });
  const recorder = new Recorder();
  commands.onWake(() => recorder.note("wake"));
  commands.onCommand((companyId, command) => recorder.note(`${companyId} ${command.kind}`));
  return { ...bus, commands, recorder };
};
const newQr = (): SessionCommand => ({ kind: "new_qr", sessionId: randomUUID() });

redisTest("commands of watched companies arrive, those of others and malformed ones do not", async ({ redisUrl }) => {
  const { commands, recorder, publisher, redis } = opened(redisUrl);
  const [ours, left, other] = [newCompany(), newCompany(), newCompany()];
  await commands.watch(ours);
  await commands.watch(left);
  await commands.unwatch(left);
  await publisher.command(other, newQr());
  await publisher.command(left, newQr());
  await redis.publish(channels.commands(ours), "{");
  await redis.publish(channels.commands(ours), JSON.stringify({ kind: "explode" }));
  await publisher.command(ours, newQr());
  await recorder.untilTold(`${ours} new_qr`);
  expect(recorder.told.filter((told) => told !== "wake")).toEqual([`${ours} new_qr`]);
});

redisTest(
  "after a lost link the companies are watched again, and a missed hint is made up for",
  async ({ redisUrl }) => {
    const { commands, recorder, publisher, redis } = opened(redisUrl);
    const company = newCompany();
    await commands.watch(company);
    await recorder.untilTold("wake");
    const wakes = () => recorder.told.filter((told) => told === "wake").length;
    const before = wakes();
    await redis.client("KILL", "TYPE", "pubsub");
    await recorder.until(() => wakes() > before);
    await publisher.wake();
    await publisher.command(company, newQr());
    await recorder.untilTold(`${company} new_qr`);
    expect(wakes()).toBe(before + 2);
  },
);
