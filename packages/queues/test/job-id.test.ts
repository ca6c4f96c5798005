import type { AckJob, MessageJob } from "@syszap/contracts";
import { expect, test } from "vitest";
import { jobIdOf } from "../src/index.ts";

const phone = "5511987654321";
const message: MessageJob = {
  companyId: "0e9c1b52-8c55-4f0c-a7a4-5d7a9a0b6c11",
  sessionId: "5b0d6f0e-6d3c-4c58-9d1e-0f6a3c9d7b21",
  waKey: `false_${phone}@c.us_3EB0C431C26A1916E07A`,
  direction: 0,
  waChatId: `${phone}@c.us`,
  kind: "text",
  body: "Oi",
  client: { number: phone, name: null },
  timestampMs: 1_772_460_309_120,
  generation: 3,
  receipt: 42,
  isHistory: false,
};
const { companyId, sessionId, waKey } = message;
const key = { companyId, sessionId, waKey, direction: 1 } as const;
const ack: AckJob = { ...key, status: "delivered", timestampMs: 1 };

test("gives the same fact the same job id, although its other fields differ", () => {
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

test("contains neither phone numbers nor colons, which BullMQ refuses", () => {
  for (const id of [
    jobIdOf("message", { ...message, waKey: `true_${phone}:11@c.us_3EB0` }),
    jobIdOf("edit", { ...key, editKey: "a:b", body: "", timestampMs: 1 }),
    jobIdOf("reaction", { ...key, from: "client", emoji: "👍", timestampMs: 5 }),
    jobIdOf("contact", { companyId, sessionId, number: phone, timestampMs: 5 }),
  ])
    expect(id).toMatch(new RegExp(`^[a-z]+\\|${sessionId}\\|[\\w-]{43}$`));
});
