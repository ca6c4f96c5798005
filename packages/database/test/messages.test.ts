import { randomUUID } from "node:crypto";
import type { Message } from "@syszap/contracts";
import { expect } from "vitest";
import { type CompanyUnit, type Database, type MessageKey, sourceOrderOf } from "../src/index.ts";
import { type Inbox, newMessage, openInbox, test } from "./fixtures.ts";

const inUnit = <T>(db: Database, inbox: Inbox, fn: Parameters<typeof db.withCompany<T>>[1]) =>
  db.withCompany(inbox.companyId, fn);
const stored = (message: Message | undefined | "absent"): Message => {
  if (!message || message === "absent") throw new Error("expected a message");
  return message;
};

test("stores a message once when it is delivered several times", async ({ db }) => {
  const inbox = await openInbox(db);
  const message = newMessage(inbox);
  const results = await Promise.all(
    [1, 2].map(() => inUnit(db, inbox, ({ messages }) => messages.insertOnce(message))),
  );
  expect(results.filter(Boolean)).toHaveLength(1);
  // The same key in the other direction is another message.
  expect(await inUnit(db, inbox, ({ messages }) => messages.insertOnce({ ...message, direction: 1 }))).toBeDefined();
});

test("stores any text unchanged, except NUL and lone surrogates, which become U+FFFD", async ({ db }) => {
  const inbox = await openInbox(db);
  const strange = [
    "x".repeat(65_537),
    "👩‍👩‍👧‍👦 não\r\nçõé",
    "שלום עולם \u202Eabc",
    "'; drop table messages; --",
    "?1 :name \\ %",
  ];
  for (const body of strange) {
    const message = await inUnit(db, inbox, ({ messages }) => messages.insertOnce(newMessage(inbox, { body })));
    expect(message?.body).toBe(body);
  }
  const broken = newMessage(inbox, { body: "a\u0000b\uD83Dc" });
  const message = await inUnit(db, inbox, async (unit) => {
    const kept = stored(await unit.messages.insertOnce(broken));
    unit.emit.newMessage(kept, inbox.chat);
    return kept;
  });
  expect(message.body).toBe("a\uFFFDb\uFFFDc");
});

test("stores and publishes why a file is missing, until the message is revoked", async ({ db, publisher }) => {
  const inbox = await openInbox(db);
  const missingMedia = {
    state: "too_large",
    reason: "larger than 256 MB",
    size: 300_000_000,
    limit: 256_000_000,
    mimeType: "video/mp4",
    fileName: "a\u0000\uD83Db.mp4",
  } as const;
  const sent = newMessage(inbox, { kind: "video", missingMedia });
  const message = await inUnit(db, inbox, async (unit) => {
    const kept = stored(await unit.messages.insertOnce(sent));
    unit.emit.newMessage(kept, inbox.chat);
    return kept;
  });
  const kept = { ...missingMedia, fileName: "a\uFFFD\uFFFDb.mp4" };
  expect(message).toMatchObject({ media: null, missingMedia: kept });
  const published = publisher.published.find(({ event }) => event.type === "new_message")?.event.data;
  expect(published).toMatchObject({
    Missing_Media: { State: "too_large", Size: 300_000_000, Limit: 256_000_000, File_Name: kept.fileName },
  });
  const revoke = { timestampMs: sent.timestampMs + 1 };
  const revoked = await inUnit(db, inbox, ({ messageChanges }) => messageChanges.applyRevoke(sent, revoke));
  expect(stored(revoked).missingMedia).toBeUndefined();
});

test("stores WhatsApp's name of an unknown kind of message", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const sent = newMessage(inbox, { kind: "unknown", vendorKind: "holo\u0000gram" });
  const message = await inUnit(db, inbox, async (unit) => stored(await unit.messages.insertOnce(sent)));
  expect(message).toMatchObject({ type: 99 });
  const { rows } = await owner.raw("select vendor_kind from messages where id = ?", [message.id]);
  expect(rows).toEqual([{ vendor_kind: "holo\uFFFDgram" }]);
});

test("lists a chat in WhatsApp's order, page by page, whatever the order of insertion", async ({ db }) => {
  const inbox = await openInbox(db);
  const positions = [
    { timestampMs: 3_000, generation: 1, receipt: 1 },
    { timestampMs: 1_000, generation: 2, receipt: 1 },
    { timestampMs: 1_000, generation: 1, receipt: 10 },
    { timestampMs: 1_000, generation: 1, receipt: 9 },
    { timestampMs: 2_000, generation: 1, receipt: 5 },
    { timestampMs: 2_000, generation: 1, receipt: 5 },
  ];
  await inUnit(db, inbox, async ({ messages }) => {
    for (const position of positions) await messages.insertOnce(newMessage(inbox, position));
  });
  const seen: Message[] = [];
  let before: string | undefined;
  do {
    const page = await inUnit(db, inbox, ({ messages }) => messages.listBefore(inbox.chat.id, { before, limit: 2 }));
    expect(page.items.length).toBeLessThanOrEqual(2);
    seen.push(...page.items);
    before = page.next ?? undefined;
  } while (before);
  const expected = positions.map(sourceOrderOf).sort().reverse();
  expect(seen.map(({ sourceOrder }) => sourceOrder)).toEqual(expected);
  expect(new Set(seen.map(({ id }) => id)).size).toBe(positions.length);
  for (const wrong of ["x", "_", `${expected[0]}_no-id`, "1'; --_11111111-1111-4111-8111-111111111111"]) {
    const attempt = inUnit(db, inbox, ({ messages }) =>
      messages.listBefore(inbox.chat.id, { before: wrong, limit: 2 }),
    );
    await expect(attempt).rejects.toThrow("next");
  }
});

test("lists the messages after one, around one, and around a time, and continues from there in both directions", async ({
  db,
}) => {
  const inbox = await openInbox(db);
  const ids = await inUnit(db, inbox, async ({ messages }) => {
    const inserted = [];
    for (const second of [1, 2, 3, 4, 5, 6, 7])
      inserted.push(stored(await messages.insertOnce(newMessage(inbox, { timestampMs: second * 1_000 }))).id);
    return inserted;
  });
  const read = async (request: Parameters<CompanyUnit["messages"]["list"]>[1]) => {
    const page = await inUnit(db, inbox, ({ messages }) => messages.list(inbox.chat.id, request));
    return page && { ...page, items: page.items.map(({ id }) => ids.indexOf(id) + 1) };
  };
  const [, second = "", third = "", , , sixth = "", seventh = ""] = ids;
  const around = await read({ around: third, limit: 4 });
  expect(around).toMatchObject({ items: [4, 3, 2, 1], next: null, hasNewer: true });
  expect(await read({ after: second, limit: 2 })).toMatchObject({ items: [4, 3], next: third, hasNewer: true });
  expect(await read({ before: third, limit: 5 })).toMatchObject({ items: [2, 1], next: null, hasNewer: true });
  expect(await read({ after: sixth, limit: 2 })).toMatchObject({ items: [7], hasNewer: false });
  expect(await read({ after: seventh, limit: 2 })).toMatchObject({ items: [], hasNewer: false });
  const middle = await read({ around: sixth, limit: 3 });
  expect(middle).toMatchObject({ items: [7, 6, 5], hasNewer: false });
  expect(await read({ before: middle?.next ?? "", limit: 2 })).toMatchObject({ items: [4, 3] });
  const at = (ms: number) => new Date(ms).toISOString();
  expect(await read({ at: at(2_500), limit: 2 })).toMatchObject({ items: [3, 2], hasNewer: true });
  expect(await read({ at: at(3_000), limit: 2 })).toMatchObject({ items: [3, 2] });
  expect(await read({ at: at(9_000), limit: 2 })).toMatchObject({ items: [7, 6], hasNewer: false });
  expect(await read({ at: "0001-01-01T00:00:00Z", limit: 2 })).toMatchObject({ items: [1], next: null });
  expect(await read({ limit: 2 })).toMatchObject({ items: [7, 6], hasNewer: false });
  expect(await read({ around: randomUUID(), limit: 2 })).toBeUndefined();
});

test("moves a status forward only, and keeps `failed` unless a later receipt disproves it", async ({ db }) => {
  const inbox = await openInbox(db);
  const insert = async () => {
    const message = newMessage(inbox, { direction: 1, status: "sent" });
    await inUnit(db, inbox, ({ messages }) => messages.insertOnce(message));
    return message;
  };
  const after = async (
    key: MessageKey,
    ...receipts: [status: "sent" | "delivered" | "read" | "played" | "failed", atMs: number][]
  ) => {
    const seen: unknown[] = [];
    for (const [status, atMs] of receipts) {
      const answer = await inUnit(db, inbox, ({ messageChanges }) =>
        messageChanges.advanceStatus(key, status, { atMs, reason: "no WhatsApp" }),
      );
      seen.push(answer && answer !== "absent" ? [answer.status, answer.version, answer.failureReason] : answer);
    }
    return seen;
  };
  expect(
    await after(await insert(), ["delivered", 5], ["sent", 9], ["delivered", 9], ["played", 6], ["read", 7]),
  ).toEqual([["delivered", 2, null], undefined, undefined, ["played", 3, null], undefined]);
  expect(await after(await insert(), ["failed", 5], ["sent", 4], ["sent", 6], ["failed", 5])).toEqual([
    ["failed", 2, "no WhatsApp"],
    undefined,
    ["sent", 3, null],
    undefined,
  ]);
  expect(await after(await insert(), ["failed", 5], ["read", 4], ["failed", 9])).toEqual([
    ["failed", 2, "no WhatsApp"],
    ["read", 3, null],
    undefined,
  ]);
  expect(await after({ ...(await insert()), waKey: "unknown" }, ["read", 1])).toEqual(["absent"]);
  const incoming = newMessage(inbox);
  await inUnit(db, inbox, ({ messages }) => messages.insertOnce(incoming));
  expect(await after(incoming, ["read", 1])).toEqual([undefined]);
});

test("the newest edit and reaction win in any order of arrival, and a deletion is final", async ({ db }) => {
  const inbox = await openInbox(db);
  const key = newMessage(inbox);
  await inUnit(db, inbox, async ({ messages, messageChanges }) => {
    expect(await messageChanges.applyEdit(key, { body: "x", timestampMs: 1 })).toBe("absent");
    await messages.insertOnce(key);
    expect(await messageChanges.applyEdit(key, { body: "third", timestampMs: 3 })).toMatchObject({
      body: "third",
      version: 2,
    });
    expect(await messageChanges.applyEdit(key, { body: "second", timestampMs: 2 })).toBeUndefined();

    const react = (from: "client" | "company", emoji: string, timestampMs: number) =>
      messageChanges.applyReaction(key, { from, emoji, timestampMs });
    expect(stored(await react("client", "👍", 5)).reactions).toEqual([{ Emoji: "👍", From: "client" }]);
    expect(stored(await react("company", "❤️", 6)).reactions).toHaveLength(2);
    expect(stored(await react("client", "", 8)).reactions).toEqual([{ Emoji: "❤️", From: "company" }]);
    expect(await react("client", "😡", 7)).toBeUndefined();
    expect(stored(await react("company", "\uD83D", 9)).reactions).toEqual([{ Emoji: "\uFFFD", From: "company" }]);

    const revoked = stored(await messageChanges.applyRevoke(key, { timestampMs: 9 }));
    expect(revoked).toMatchObject({ body: "", revokedAt: new Date(9).toISOString() });
    expect(await messageChanges.applyRevoke(key, { timestampMs: 10 })).toBeUndefined();
    expect(await messageChanges.applyEdit(key, { body: "again", timestampMs: 11 })).toBeUndefined();
    expect(await react("client", "👍", 12)).toBeUndefined();
  });
});

test("returns a message with its file, and stores the same file once", async ({ db }) => {
  const inbox = await openInbox(db);
  const file = {
    storageKey: "c/ab/abc",
    mimeType: "image/jpeg",
    fileName: "foto.jpg",
    size: 5_000_000_000,
    sha256: "a".repeat(64),
  };
  await inUnit(db, inbox, async (unit) => {
    const mediaId = await unit.media.add(file);
    expect(await unit.media.add(file)).toBe(mediaId);
    expect(await unit.media.add({ ...file, fileName: "other.jpg" })).not.toBe(mediaId);
    expect(await unit.media.find(mediaId)).toEqual({ id: mediaId, ...file });
    const message = await unit.messages.insertOnce(newMessage(inbox, { kind: "image", mediaId }));
    expect(message).toMatchObject({
      type: 1,
      media: { id: mediaId, mimeType: "image/jpeg", fileName: "foto.jpg", size: 5_000_000_000 },
    });
  });
});

test("error messages do not contain the text of a message", async ({ db }) => {
  const inbox = await openInbox(db);
  const attempt = inUnit(db, inbox, ({ messages }) =>
    messages.insertOnce(newMessage(inbox, { body: "a secret", chatId: inbox.session.id })),
  );
  const error: unknown = await attempt.catch((thrown: unknown) => thrown);
  expect(String(error)).toContain("foreign key");
  expect(String(error)).not.toContain("a secret");
});
