import { expect, test } from "vitest";
import { type Books, compareBooks, type LedgerEntry, type StoredEntry } from "../src/session-kills/ledger/compare.ts";

const phone = "5511980000001";
const entry = (key: string, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ phone, key, isOurs: false, number: "5511870000001", body: `body of ${key}`, ack: 1, sha256: null },
  ...more,
});
const row = (of: LedgerEntry, more: Partial<StoredEntry> = {}): StoredEntry => ({
  ...{ id: `id of ${of.key}`, phone: of.phone, key: of.key, isOurs: of.isOurs, number: of.number, body: of.body },
  ...{ status: of.isOurs ? "sent" : null, wasQueued: false, sha256: of.sha256, missingFile: null },
  ...more,
});
/** Books that agree, but for what is said. */
function books(ledger: LedgerEntry[], more: Partial<Books> = {}): Books {
  const stored = ledger.map((one) => row(one));
  return { ledger, stored, told: new Map(stored.map(({ id }) => [id, 1])), ...more };
}
const [first, second, third] = [entry("A"), entry("B"), entry("C")];

test("books that agree have no differences", () => {
  expect(compareBooks(books([first, second, entry("D", { isOurs: true })]))).toEqual([]);
});

test("a lost message is named", () => {
  expect(compareBooks(books([first, second], { stored: [row(first)] }))).toEqual([
    expect.stringMatching(/^lost: from 5511870000001 .*"body of B"/),
  ]);
});

test("a message that is stored twice under different keys is named", () => {
  const again = row(first, { id: "another id", key: "A2" });
  const told = new Map([first, second].map(({ key }) => [`id of ${key}`, 1])).set("another id", 1);
  expect(compareBooks(books([first, second], { stored: [row(first), again, row(second)], told }))).toEqual([
    expect.stringMatching(/^doubled: .*body of A" is 2 times in Postgres/),
    expect.stringMatching(/^never delivered: .*\(A2\)/),
  ]);
});

test("an answer that reached WhatsApp twice is named", () => {
  const sent = entry("A", { isOurs: true });
  const again = entry("A2", { isOurs: true, body: sent.body });
  expect(compareBooks(books([sent, again], { stored: [row(sent, { wasQueued: true })] }))).toEqual([
    expect.stringMatching(/^lost: .*\(A2\)/),
    expect.stringMatching(/^doubled: .*body of A" is 2 times in WhatsApp/),
  ]);
});

test("messages of a chat in another order are named, those of other chats are not", () => {
  const elsewhere = entry("X", { number: "5511870000002" });
  const stored = [row(elsewhere), row(second), row(first), row(third)];
  expect(compareBooks(books([first, elsewhere, second, third], { stored }))).toEqual([
    expect.stringMatching(/^out of order: .*5511870000001, received: "body of B" stands where "body of A" should/),
  ]);
});

test("what browsers were told of twice, or never, is named", () => {
  const told = new Map([
    ["id of A", 2],
    ["id of C", 1],
  ]);
  expect(compareBooks(books([first, second, third], { told }))).toEqual([
    expect.stringMatching(/^told wrongly: browsers were told 2 times of .*"body of A"/),
    expect.stringMatching(/^told wrongly: browsers were told 0 times of .*"body of B"/),
  ]);
});

test("another text, file or status than WhatsApp's is named", () => {
  const photo = entry("A", { sha256: "aa" });
  const sent = entry("B", { isOurs: true, ack: 3 });
  const stored = [row(photo, { body: "other", missingFile: "too late" }), row(sent, { status: "delivered" })];
  expect(compareBooks(books([photo, sent], { stored }))).toEqual([
    expect.stringContaining('has the body "other" instead of "body of A"'),
    expect.stringContaining('has the file "missing: too late" instead of "aa"'),
    expect.stringContaining('has the status "delivered" instead of "read"'),
  ]);
});
