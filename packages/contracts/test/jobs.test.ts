import { expect, test } from "vitest";
import { channels, isJobName, keys, type MessageJob, MessageJob as schema } from "../src/index.ts";

const message: MessageJob = {
  companyId: "0e9c1b52-8c55-4f0c-a7a4-5d7a9a0b6c11",
  sessionId: "5b0d6f0e-6d3c-4c58-9d1e-0f6a3c9d7b21",
  waKey: "3EB0C431C26A1916E07A",
  direction: 0,
  waChatId: "5511987654321@c.us",
  kind: "text",
  body: "Oi",
  client: { number: "5511987654321", name: null },
  timestampMs: 1_772_460_309_120,
  generation: 3,
  receipt: 42,
  isHistory: false,
};
const { companyId, sessionId } = message;

test("does not accept names inherited from Object as job names", () => {
  expect(["message", "toString", "__proto__"].map(isJobName)).toEqual([true, false, false]);
});

test("treats a message job without `isHistory` as a new message", () => {
  const { isHistory: _, ...live } = message;
  expect(schema.parse(live).isHistory).toBe(false);
});

test("a message of a group has no client, and any other message has one", () => {
  const { client, ...rest } = message;
  const inGroup = { ...rest, waChatId: "120363000000000001@g.us" };
  const isValid = (job: object) => schema.safeParse(job).success;
  expect([message, inGroup, rest, { ...inGroup, client }].map(isValid)).toEqual([true, true, false, false]);
});

test("puts all keys of a company under one hash tag, so that they are on one node of a Cluster", () => {
  const channel = channels.company(companyId);
  const names = [channel, keys.log(channel), keys.head(channel), keys.olderPositions(channel), keys.positions(channel)];
  names.push(keys.checkpoints(channel), keys.fence(companyId), keys.qr(companyId, sessionId));
  for (const name of names) expect(name.match(/\{(.+?)\}/)?.[1]).toBe(companyId);
});
