import { expect, test } from "vitest";
import {
  type AckJob,
  channels,
  isJobName,
  jobIdOf,
  keys,
  type MessageJob,
  MessageJob as schema,
} from "../src/index.ts";

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
const { companyId, sessionId, waKey } = message;
const key = { companyId, sessionId, waKey, direction: 1 } as const;
const ack: AckJob = { ...key, status: "delivered", timestampMs: 1 };

test("gives the same fact the same job id, although its other fields differ", () => {
  expect(jobIdOf("message", message)).toBe(`message|${sessionId}|0|${waKey}`);
  expect(jobIdOf("message", { ...message, body: "Oi!", receipt: 43, generation: 4 })).toBe(jobIdOf("message", message));
  expect(jobIdOf("ack", { ...ack, timestampMs: 2 })).toBe(jobIdOf("ack", ack));
});

test("gives different facts different job ids", () => {
  const reaction = { ...key, from: "client", emoji: "👍", timestampMs: 5 } as const;
  const contact = { companyId, sessionId, number: "5511987654321", timestampMs: 5 };
  const ids = [
    jobIdOf("message", message),
    jobIdOf("message", { ...message, direction: 1 }),
    jobIdOf("message", { ...message, sessionId: companyId }),
    jobIdOf("ack", ack),
    jobIdOf("ack", { ...ack, status: "read" }),
    jobIdOf("edit", { ...key, editKey: "A", body: "x", timestampMs: 5 }),
    jobIdOf("edit", { ...key, editKey: "B", body: "x", timestampMs: 5 }),
    jobIdOf("revoke", { ...key, timestampMs: 5 }),
    jobIdOf("reaction", reaction),
    jobIdOf("reaction", { ...reaction, timestampMs: 6 }),
    jobIdOf("reaction", { ...reaction, from: "company" }),
    jobIdOf("contact", contact),
    jobIdOf("contact", { ...contact, timestampMs: 6 }),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test("replaces colons in job ids, which BullMQ refuses", () => {
  expect(jobIdOf("message", { ...message, waKey: "true_55:11@c.us_3EB0" })).not.toContain(":");
  expect(jobIdOf("edit", { ...key, editKey: "a:b", body: "", timestampMs: 1 })).not.toContain(":");
});

test("does not accept names inherited from Object as job names", () => {
  expect(["message", "toString", "__proto__"].map(isJobName)).toEqual([true, false, false]);
});

test("treats a message job without `isHistory` as a new message", () => {
  const { isHistory: _, ...live } = message;
  expect(schema.parse(live).isHistory).toBe(false);
});

test("puts all keys of a company under one hash tag, so that they are on one node of a Cluster", () => {
  const channel = channels.company(companyId);
  const names = [channel, keys.log(channel), keys.head(channel), keys.once(channel), keys.positions(channel)];
  names.push(keys.fence(companyId), keys.qr(companyId, sessionId));
  for (const name of names) expect(name.match(/\{(.+?)\}/)?.[1]).toBe(companyId);
});
