import { randomUUID } from "node:crypto";
import { channels, type SessionCommand } from "@syszap/contracts";
import { currentLogContext, withLogContext } from "@syszap/platform";
import { redisTest } from "@syszap/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { CommandSubscriber } from "../src/index.ts";
import { newCompany, openBus, Recorder, silent } from "./recorder.ts";

const openTestBus = (redisUrl: string) => {
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

redisTest("delivers the valid commands of watched companies only", async ({ redisUrl }) => {
  const { commands, recorder, publisher, redis } = openTestBus(redisUrl);
  const [ours, left, other] = [newCompany(), newCompany(), newCompany()];
  await commands.watch(ours);
  await commands.watch(left);
  await commands.unwatch(left);
  await publisher.command(other, newQr());
  await publisher.command(left, newQr());
  await redis.publish(channels.commands(ours), "{");
  await redis.publish(channels.commands(ours), JSON.stringify({ kind: "explode" }));
  await publisher.command(ours, newQr());
  await recorder.untilNoted(`${ours} new_qr`);
  expect(recorder.entries.filter((entry) => entry !== "wake")).toEqual([`${ours} new_qr`]);
});

redisTest(
  "watches the companies again after a lost link, and repeats a hint that may be missed",
  async ({ redisUrl }) => {
    const { commands, recorder, publisher, redis } = openTestBus(redisUrl);
    const company = newCompany();
    await commands.watch(company);
    await recorder.untilNoted("wake");
    const wakes = () => recorder.entries.filter((entry) => entry === "wake").length;
    const before = wakes();
    await redis.client("KILL", "TYPE", "pubsub");
    await recorder.until(() => wakes() > before);
    await publisher.wake();
    await publisher.command(company, newQr());
    await recorder.untilNoted(`${company} new_qr`);
    expect(wakes()).toBe(before + 2);
  },
);

redisTest("runs a command in the log context of the request that sent it", async ({ redisUrl }) => {
  const { commands, recorder, publisher } = openTestBus(redisUrl);
  const company = newCompany();
  commands.onCommand(() => recorder.note(`request ${currentLogContext().requestId}`));
  await commands.watch(company);
  await withLogContext({ requestId: "r-1" }, () => publisher.command(company, newQr()));
  await publisher.command(company, newQr());
  await recorder.untilNoted("request undefined");
  expect(recorder.entries.filter((entry) => entry.startsWith("request"))).toEqual(["request r-1", "request undefined"]);
});
