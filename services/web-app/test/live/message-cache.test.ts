import { expect, test } from "vitest";
import { emptyList, maxEarly } from "../../src/live/list.ts";
import {
  applyToMessages,
  type MessageList,
  type MessageRow,
  withMessage,
  withMessages,
} from "../../src/live/message-cache.ts";
import { aMessage, at, frame, newId, stored } from "../support/builders.ts";

const chatId = newId();
const listOf = (...messages: ReturnType<typeof aMessage>[]): MessageList =>
  withMessages(emptyList<MessageRow>(), { items: messages, next: null });
const own = (overrides = {}) => aMessage({ chatId, direction: 1, status: "queued", ...overrides });
const status = (id: string, version: number, Status: "sent" | "delivered" | "read" | "failed", Reason?: string) =>
  frame("message_status", version, {
    Id: id,
    Chat_Id: chatId,
    Status,
    ...(Reason ? { Reason } : {}),
    timestamp: at(1),
  });
const edit = (id: string, version: number, Body: string) =>
  frame("message_update", version, {
    Id: id,
    Chat_Id: chatId,
    Change: "edited",
    Body,
    Edited_At: at(2),
    Revoked_At: null,
    Reactions: [],
    timestamp: at(2),
  });

test("sorts messages in WhatsApp's order, independent of their arrival", () => {
  const late = aMessage({ chatId, body: "second", sourceOrder: "0002", timestamp: at(0) });
  const early = aMessage({ chatId, body: "first", sourceOrder: "0001", timestamp: at(0) });
  const list = applyToMessages(applyToMessages(listOf(), chatId, stored(late)), chatId, stored(early));
  expect(list.items.map((message) => message.body)).toEqual(["first", "second"]);
});

test("shows a message once if it arrives both as an event and as an answer", () => {
  const message = own({ version: 1 });
  const list = withMessage(applyToMessages(listOf(message), chatId, stored(message)), message);
  expect(list.items).toHaveLength(1);
});

test("events of other chats change nothing", () => {
  const list = listOf();
  expect(applyToMessages(list, chatId, stored(aMessage()))).toBe(list);
});

test("a status only moves forward, and only with a newer version", () => {
  const message = own();
  let list = applyToMessages(listOf(message), chatId, status(message.id, 3, "delivered"));
  list = applyToMessages(list, chatId, status(message.id, 2, "sent"));
  list = applyToMessages(list, chatId, status(message.id, 4, "sent"));
  expect(list.items[0]?.status).toBe("delivered");
});

test("a failure keeps its reason until a receipt proves that the message arrived", () => {
  const message = own();
  const failed = applyToMessages(listOf(message), chatId, status(message.id, 2, "failed", "no WhatsApp"));
  expect(failed.items[0]).toMatchObject({ status: "failed", failureReason: "no WhatsApp" });
  const arrived = applyToMessages(failed, chatId, status(message.id, 3, "delivered"));
  expect(arrived.items[0]).toMatchObject({ status: "delivered", failureReason: null });
});

test("applies a status that is published after a later edit, and keeps the edit", () => {
  const message = own({ body: "befor" });
  const edited = applyToMessages(listOf(message), chatId, edit(message.id, 3, "before"));
  const both = applyToMessages(edited, chatId, status(message.id, 2, "sent"));
  expect(both.items[0]).toMatchObject({ body: "before", status: "sent" });
});

test("keeps events that arrive before their message and applies them with it", () => {
  const message = own();
  let list = applyToMessages(listOf(), chatId, status(message.id, 2, "sent"));
  list = applyToMessages(list, chatId, edit(message.id, 3, "edited"));
  list = applyToMessages(list, chatId, stored(message));
  expect(list.items[0]).toMatchObject({ body: "edited", status: "sent" });
  expect(list.early).toEqual([]);
});

test("limits the number of events that wait for messages", () => {
  let list = listOf();
  for (let count = 0; count < maxEarly + 50; count += 1)
    list = applyToMessages(list, chatId, status(newId(), 2, "sent"));
  expect(list.early).toHaveLength(maxEarly);
});

test("an older answer of the server does not undo an event", () => {
  const message = own();
  const updated = applyToMessages(listOf(message), chatId, status(message.id, 4, "read"));
  const merged = withMessages(updated, { items: [{ ...message, status: "sent", version: 2 }], next: "more" });
  expect(merged.items[0]?.status).toBe("read");
  expect(merged.next).toBe("more");
});

test("returns the same list if nothing changed, so that nothing renders", () => {
  const message = own({ version: 5, status: "read" });
  const list = listOf(message);
  expect(applyToMessages(list, chatId, status(message.id, 5, "read"))).toBe(list);
});

test("a reply shows the edited and then the deleted state of its original", () => {
  const original = aMessage({ chatId, body: "Qual deles?" });
  const quoted = { id: original.id, direction: 0, type: 0, body: original.body } as const;
  const reply = aMessage({ chatId, body: "esse", quoted });
  const quoteIn = (list: MessageList) => list.items.find(({ id }) => id === reply.id)?.quoted;
  for (const loaded of [listOf(original, reply), listOf(reply)]) {
    const edited = applyToMessages(loaded, chatId, edit(original.id, 2, "Qual dos dois?"));
    expect(quoteIn(edited)).toMatchObject({ body: "Qual dos dois?", revokedAt: null });
    const revoked = { ...edit(original.id, 3, "").data, Change: "revoked" as const, Revoked_At: at(3) };
    const deleted = applyToMessages(edited, chatId, frame("message_update", 3, revoked));
    expect(quoteIn(deleted)).toMatchObject({ body: "", revokedAt: at(3) });
    const late = applyToMessages(deleted, chatId, edit(original.id, 2, "Qual dos dois?"));
    expect(quoteIn(late)).toMatchObject({ body: "", revokedAt: at(3) });
  }
});

test("reading a reply again takes the new state of its original", () => {
  const quoted = { id: newId(), direction: 0, type: 0, body: "segredo" } as const;
  const reply = aMessage({ chatId, body: "esse", quoted });
  const read = { ...reply, quoted: { ...quoted, body: "", revokedAt: at(3) } };
  const list = withMessages(listOf(reply), { items: [read], next: null });
  expect(list.items[0]?.quoted).toEqual(read.quoted);
});
