import { createLogger } from "@syszap/platform";
import { expect, test } from "vitest";
import type { EngineFact } from "../src/engines/engine.ts";
import { Addresses } from "../src/engines/wppconnect/addresses.ts";
import { Facts } from "../src/engines/wppconnect/facts.ts";
import { Hearing } from "../src/engines/wppconnect/hearing.ts";

const chat = "5511960001842@c.us";
const key = (name: string) => `false_${chat}_3EB0${name}`;

/** What is told of messages that WhatsApp's page had when it was asked. */
async function toldOf(messages: object[]): Promise<EngineFact[]> {
  const told: EngineFact[] = [];
  const addresses = new Addresses(async () => null);
  const listener = { fact: (fact: EngineFact) => told.push(fact) } as never;
  const log = createLogger({ service: "test", level: "silent" });
  await new Hearing(new Facts(addresses, () => false), addresses, listener, log).refetched(messages);
  return told;
}

test("an edit that nobody heard is told with its message", async () => {
  const edited = {
    ...{ id: key("AA"), type: "chat", t: 1_760_000_000, body: "after" },
    ...{ latestEditMsgKey: { _serialized: key("BB") }, latestEditSenderTimestampMs: 1_760_000_060_000 },
  };
  expect(await toldOf([edited])).toMatchObject([
    { kind: "message", waKey: "3EB0AA", body: "after" },
    { kind: "edit", waKey: "3EB0AA", editKey: "3EB0BB", body: "after", timestampMs: 1_760_000_060_000 },
  ]);
});

test("a deletion that nobody heard is told after the message's place, so that it finds one", async () => {
  const deleted = { id: key("AA"), type: "revoked", t: 1_760_000_000, body: null };
  expect(await toldOf([deleted])).toMatchObject([
    { kind: "message", waKey: "3EB0AA", type: "unknown", body: "" },
    { kind: "revoke", waKey: "3EB0AA" },
  ]);
});
