import { beforeEach, expect, test } from "vitest";
import { emptyList } from "../../src/live/list.ts";
import { applyToMessages, type MessageList, windowOf, withMessages } from "../../src/live/message-cache.ts";
import { queryKeys } from "../../src/live/query-client.ts";
import { MessageWindow } from "../../src/page/message-window.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { aMessage, at, newId, stored } from "../support/builders.ts";
import { aConversation, pageOf } from "../support/conversation.tsx";
import { preparePage } from "../support/page.tsx";

const { answerWith, calls } = preparePage();
const { chat, messages } = aConversation(2_000);
const key = queryKeys.messages(chat.id);
const held = () => queryClient.getQueryData<MessageList>(key);
const range = () => {
  const items = held()?.items ?? [];
  return [items[0]?.body, items.at(-1)?.body].map((body) => Number(body?.split(" ")[1]));
};
const hold = (from: number, to: number) =>
  queryClient.setQueryData(
    key,
    windowOf({
      items: messages.slice(from - 1, to),
      next: from > 1 ? (messages[from - 1]?.id ?? null) : null,
      hasNewer: to < 2_000,
    }),
  );
let window: MessageWindow;
beforeEach(() => {
  window = new MessageWindow(queryClient, chat.id);
  answerWith(({ path }) =>
    path.startsWith(`/v1/chats/${chat.id}/messages`) ? { body: pageOf(messages, path) } : undefined,
  );
});

test("moves to a message and loads from there in both directions, until the newest is reached", async () => {
  hold(1_951, 2_000);
  await window.moveTo({ around: messages[999]?.id ?? "" });
  expect(range()).toEqual([975, 1_024]);
  expect(held()?.hasNewer).toBe(true);
  await window.loadOlder();
  await window.loadNewer();
  expect(range()).toEqual([925, 1_074]);
  await window.moveTo({ at: at(1_970) });
  expect(range().at(-1)).toBe(1_995);
  await window.loadNewer();
  expect(range().at(-1)).toBe(2_000);
  expect(held()?.hasNewer).toBe(false);
});

test("a message that arrives while the window is elsewhere is not added, and is read later", () => {
  const frame = stored(aMessage({ chatId: chat.id, sourceOrder: "9", timestamp: at(5_000) }));
  const elsewhere = windowOf({ items: messages.slice(0, 50), next: null, hasNewer: true });
  expect(applyToMessages(elsewhere, chat.id, frame)).toBe(elsewhere);
  const atEnd = windowOf({ items: messages.slice(0, 50), next: null, hasNewer: false });
  expect(applyToMessages(atEnd, chat.id, frame).items).toHaveLength(51);
});

test("drops messages that are far from the visible ones, and reads them again when the user returns", async () => {
  hold(1, 2_000);
  window.trimAround(messages[1_000]?.id);
  expect(range()).toEqual([701, 1_300]);
  expect(held()?.hasNewer).toBe(true);
  await window.loadOlder();
  await window.loadNewer();
  expect(range()).toEqual([651, 1_350]);
  window.trimAround(messages[1_000]?.id);
  expect(range()).toEqual([651, 1_350]);
});

test("a closed chat that receives messages for hours does not grow without bound", () => {
  let list = withMessages(emptyList(), { items: messages.slice(0, 1_999), next: null });
  for (const number of [1, 2, 3]) {
    const message = aMessage({ chatId: chat.id, sourceOrder: `9${number}`, timestamp: at(3_000 + number) });
    list = applyToMessages(list, chat.id, stored(message));
  }
  expect(list.items.length).toBeLessThan(1_100);
  expect(list.items.at(-1)?.sourceOrder).toBe("93");
  expect(list.next).toBe(list.items[0]?.id);
});

test("closing a chat keeps its newest messages, or nothing if older ones were shown", () => {
  hold(1_001, 2_000);
  window.close();
  expect(range()).toEqual([1_901, 2_000]);
  hold(1, 50);
  window.close();
  expect(held()).toBeUndefined();
});

test("reading again keeps the window where it is", async () => {
  hold(901, 1_000);
  const list = await window.read(new AbortController().signal);
  expect(list.items.some(({ body }) => body === "mensagem 951")).toBe(true);
  expect(list.hasNewer).toBe(true);
  expect(calls.at(-1)?.path).toContain(`around=${messages[950]?.id}`);
});

test("the first read contains all unread messages", async () => {
  queryClient.setQueryData(queryKeys.chats(""), { items: [{ ...chat, unreadCount: 120 }], next: null, early: [] });
  const list = await window.read(new AbortController().signal);
  expect(list.items.length).toBeGreaterThanOrEqual(120);
});

test("a failed load is reported, and the next one ends the failure", async () => {
  hold(1_951, 2_000);
  answerWith(() => ({ status: 404, body: { type: "/problems/not-found", status: 404, title: "x" } }));
  await expect(window.loadOlder()).rejects.toThrow();
  expect(window.state.get()).toEqual({ failed: "older" });
  answerWith(({ path }) => ({ body: pageOf(messages, path) }));
  await window.loadOlder();
  expect(window.state.get()).toEqual({});
  expect(range()).toEqual([1_901, 2_000]);
});

test("knows whether it has the first message of a time", () => {
  hold(951, 1_000);
  expect([at(900), at(960), at(1_500)].map((time) => window.covers(time))).toEqual([false, true, false]);
  expect(window.has(messages[960]?.id ?? "")).toBe(true);
  expect(window.has(newId())).toBe(false);
});
