import { randomUUID } from "node:crypto";
import { type Audience, channels, type DurableEvent, keys, type Member } from "@syszap/contracts";
import { redisTest } from "@syszap/testing";
import type { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { changedAmong, checkRights, toCursor } from "../src/index.ts";
import { newCompany, newEvent, openBus } from "./recorder.ts";

const openTestBus = (redisUrl: string) => {
  const bus = openBus(redisUrl);
  onTestFinished(() => bus.close());
  return bus;
};
const clockMs = async (redis: Redis): Promise<number> => {
  const [seconds = 0, microseconds = 0] = await redis.time();
  return seconds * 1_000 + Math.floor(microseconds / 1_000);
};
const newMember = (teams: string[] = []): Member => ({
  userId: randomUUID(),
  role: "agent",
  seesAll: false,
  teams: new Set(teams),
});
const timestamp = new Date().toISOString();
const accessChanged = (audience: Audience): DurableEvent => ({
  type: "access_changed",
  id: randomUUID(),
  version: 0,
  audience,
  data: { timestamp },
});
const chatGone = (audience: Audience): DurableEvent => ({
  type: "chat_gone",
  id: randomUUID(),
  version: 1,
  audience,
  data: { Id: randomUUID(), timestamp },
});
const nobody = { teams: [], users: [] };

redisTest(
  "a change of rights outdates earlier tickets and cursors of that user, in any later order of events",
  async ({ redisUrl }) => {
    const { redis, publisher } = openTestBus(redisUrl);
    const company = newCompany();
    const [member, colleague] = [newMember(), newMember()];
    await publisher.publishDurable(company, [newEvent()]);
    const before = await publisher.headPosition(company);
    const changed = accessChanged({ kind: "user", userId: member.userId });
    await publisher.publishDurable(company, [newEvent(), changed, newEvent()]);
    await publisher.publishDurable(company, [changed]);
    const after = await publisher.headPosition(company);
    const checkOf = (who: Member, { cursor, rights }: typeof before) =>
      checkRights(redis, company, { member: who, readAt: rights, since: cursor });
    expect(await checkOf(member, before)).toEqual({ isTicketCurrent: false, mayResume: false });
    expect(await checkOf(member, after)).toEqual({ isTicketCurrent: true, mayResume: true });
    expect(await checkOf(colleague, before)).toEqual({ isTicketCurrent: true, mayResume: true });
    expect(await changedAmong(redis, company, [member.userId, colleague.userId])).toEqual(new Set([member.userId]));
  },
);

redisTest(
  "a ticket that was issued at the position of the change is current, also while no event follows",
  async ({ redisUrl }) => {
    const { redis, publisher } = openTestBus(redisUrl);
    const [company, member] = [newCompany(), newMember()];
    await publisher.publishDurable(company, [accessChanged({ kind: "role", roles: ["agent"] })]);
    const { rights } = await publisher.headPosition(company);
    expect(await checkRights(redis, company, { member, readAt: rights })).toMatchObject({ isTicketCurrent: true });
  },
);

redisTest(
  "a chat that left the reach outdates cursors of its former readers only, and no ticket",
  async ({ redisUrl }) => {
    const { redis, publisher } = openTestBus(redisUrl);
    const company = newCompany();
    const [sales, support] = [randomUUID(), randomUUID()];
    const [seller, supporter] = [newMember([sales]), newMember([support])];
    const [assignee, manager] = [newMember(), { ...newMember([sales]), role: "admin" as const, seesAll: true }];
    const { cursor: since, rights: readAt } = await publisher.headPosition(company);
    const left = { teams: [sales], users: [assignee.userId] };
    await publisher.publishDurable(company, [chatGone({ kind: "reach", ...left, except: nobody })]);
    const checks = [seller, assignee, supporter].map((member) =>
      checkRights(redis, company, { member, readAt, since }),
    );
    expect(await Promise.all(checks)).toEqual([
      { isTicketCurrent: true, mayResume: false },
      { isTicketCurrent: true, mayResume: false },
      { isTicketCurrent: true, mayResume: true },
    ]);
    expect(
      await checkRights(redis, company, { member: { ...manager, teams: new Set() }, readAt, since }),
    ).toMatchObject({
      mayResume: true,
    });
  },
);

redisTest("a new log has no marks, and any mark in it outdates tickets of the log before", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const [company, member] = [newCompany(), newMember()];
  const changed = accessChanged({ kind: "user", userId: member.userId });
  await publisher.publishDurable(company, [newEvent(), newEvent(), changed]);
  const old = await publisher.headPosition(company);
  await redis.del(keys.head(channels.company(company)));
  // Epochs are milliseconds. Outside of tests a log is never lost and begun again within one.
  while ((await clockMs(redis)) <= old.rights.epoch);
  await publisher.publishDurable(company, [newEvent()]);
  const check = () => checkRights(redis, company, { member, readAt: old.rights });
  expect(await check()).toMatchObject({ isTicketCurrent: true });
  await publisher.publishDurable(company, [accessChanged({ kind: "user", userId: member.userId })]);
  expect(await check()).toMatchObject({ isTicketCurrent: false });
});

redisTest("publishes the event and its mark in one step, and the mark expires with the log", async ({ redisUrl }) => {
  const { redis, publisher } = openTestBus(redisUrl);
  const [company, member] = [newCompany(), newMember()];
  const [position] = await publisher.publishDurable(company, [accessChanged({ kind: "user", userId: member.userId })]);
  expect(await redis.hgetall(keys.rights(company))).toEqual({ [member.userId]: String(position?.seq) });
  const ttl = (key: string) => redis.ttl(key);
  expect(await ttl(keys.rights(company))).toBeGreaterThan(86_000);
  const since = position && toCursor(position);
  expect(await checkRights(redis, company, { member, since })).toMatchObject({ mayResume: true });
});
