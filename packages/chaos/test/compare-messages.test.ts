import { expect, test } from "vitest";
import {
  compareMessages,
  type MessageRecords,
  type StoredMessage,
  type WhatsAppMessage,
} from "../src/session-kills/ledger/compare-messages.ts";

const phone = "5511980000001";
const entry = (key: string, more: Partial<WhatsAppMessage> = {}): WhatsAppMessage => ({
  ...{ phone, key, isOurs: false, number: "5511870000001", body: `body of ${key}`, ack: 1, sha256: null },
  ...more,
});
const row = (of: WhatsAppMessage, more: Partial<StoredMessage> = {}): StoredMessage => ({
  ...{ id: `id of ${of.key}`, phone: of.phone, key: of.key, isOurs: of.isOurs, number: of.number, body: of.body },
  ...{ status: of.isOurs ? "sent" : null, wasQueued: false, sha256: of.sha256, missingFile: null },
  ...more,
});
/** Records that agree, except for `more`. */
function records(inWhatsApp: WhatsAppMessage[], more: Partial<MessageRecords> = {}): MessageRecords {
  const stored = inWhatsApp.map((one) => row(one));
  return { inWhatsApp, stored, published: new Map(stored.map(({ id }) => [id, 1])), ...more };
}
const [first, second, third] = [entry("A"), entry("B"), entry("C")];

test("reports no difference between records that agree", () => {
  expect(compareMessages(records([first, second, entry("D", { isOurs: true })]))).toEqual([]);
});

test("reports a lost message", () => {
  expect(compareMessages(records([first, second], { stored: [row(first)] }))).toEqual([
    expect.stringMatching(/^lost: from 5511870000001 .*"body of B"/),
  ]);
});

test("reports a message that is stored twice under different keys", () => {
  const again = row(first, { id: "another id", key: "A2" });
  const published = new Map([first, second].map(({ key }) => [`id of ${key}`, 1])).set("another id", 1);
  expect(compareMessages(records([first, second], { stored: [row(first), again, row(second)], published }))).toEqual([
    expect.stringMatching(/^duplicate: .*body of A" is 2 times in Postgres/),
    expect.stringMatching(/^never delivered: .*\(A2\)/),
  ]);
});

test("reports an answer that reached WhatsApp twice", () => {
  const sent = entry("A", { isOurs: true });
  const again = entry("A2", { isOurs: true, body: sent.body });
  expect(compareMessages(records([sent, again], { stored: [row(sent, { wasQueued: true })] }))).toEqual([
    expect.stringMatching(/^lost: .*\(A2\)/),
    expect.stringMatching(/^duplicate: .*body of A" is 2 times in WhatsApp/),
  ]);
});

test("reports messages out of order within a chat, but not across chats", () => {
  const elsewhere = entry("X", { number: "5511870000002" });
  const stored = [row(elsewhere), row(second), row(first), row(third)];
  expect(compareMessages(records([first, elsewhere, second, third], { stored }))).toEqual([
    expect.stringMatching(/^out of order: .*5511870000001, received: "body of B" is at the position of "body of A"/),
  ]);
});

test("reports messages that were published twice or never", () => {
  const published = new Map([
    ["id of A", 2],
    ["id of C", 1],
  ]);
  expect(compareMessages(records([first, second, third], { published }))).toEqual([
    expect.stringMatching(/^published wrongly: .*"body of A".* was published 2 times/),
    expect.stringMatching(/^published wrongly: .*"body of B".* was published 0 times/),
  ]);
});

test("reports a text, file or status that differs from WhatsApp", () => {
  const photo = entry("A", { sha256: "aa" });
  const sent = entry("B", { isOurs: true, ack: 3 });
  const stored = [row(photo, { body: "other", missingFile: "too late" }), row(sent, { status: "delivered" })];
  expect(compareMessages(records([photo, sent], { stored }))).toEqual([
    expect.stringContaining('has the body "other" instead of "body of A"'),
    expect.stringContaining('has the file "missing: too late" instead of "aa"'),
    expect.stringContaining('has the status "delivered" instead of "read"'),
  ]);
});
