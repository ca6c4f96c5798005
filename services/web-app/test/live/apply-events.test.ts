import type { DurableFrame } from "@syszap/client";
import type { Session } from "@syszap/contracts";
import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { followEvents } from "../../src/live/apply-events.ts";
import type { ChatList } from "../../src/live/chat-cache.ts";
import { emptyList } from "../../src/live/list.ts";
import type { MessageList } from "../../src/live/message-cache.ts";
import { queryKeys } from "../../src/live/query-client.ts";
import { withSession } from "../../src/live/session-cache.ts";
import { aChat, aMessage, at, frame, newId, stored } from "../support/builders.ts";

function setUp() {
  const cache = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  const listeners = new Map<string, (data: never) => void>();
  let onDurable: (frame: DurableFrame) => void = () => undefined;
  followEvents(cache, {
    on: (type, listener) => {
      listeners.set(type, listener as unknown as (data: never) => void);
      return () => undefined;
    },
    onDurable: (listener) => {
      onDurable = listener;
      return () => undefined;
    },
  });
  return {
    cache,
    durable: (each: DurableFrame) => onDurable(each),
    emit: (type: string, data: object) => listeners.get(type)?.(data as never),
  };
}

test("a message changes the open chat and the list of chats", () => {
  const { cache, durable } = setUp();
  const message = aMessage();
  cache.setQueryData(queryKeys.messages(message.chatId), emptyList());
  cache.setQueryData(queryKeys.chats(""), emptyList());
  durable(stored(message));
  expect(cache.getQueryData<MessageList>(queryKeys.messages(message.chatId))?.items).toHaveLength(1);
  expect(cache.getQueryData<ChatList>(queryKeys.chats(""))?.items).toMatchObject([{ id: message.chatId }]);
});

test("does not create a list that was not read yet, because its snapshot will contain the message", () => {
  const { cache, durable } = setUp();
  const message = aMessage();
  durable(stored(message));
  expect(cache.getQueryData(queryKeys.messages(message.chatId))).toBeUndefined();
});

test("each QR code replaces the previous one, and the last one is removed when the session is connected", () => {
  const { cache, durable, emit } = setUp();
  const sessionId = newId();
  cache.setQueryData<Session[]>(queryKeys.sessions, []);
  for (const attempt of [1, 2]) emit("qr_code", { sessionId, qrCode: `code ${attempt}`, expiresAt: at(1), attempt });
  expect(cache.getQueryData(queryKeys.qr(sessionId))).toMatchObject({ qrCode: "code 2" });
  durable(frame("session_status", 2, { sessionId, status: "connected", detail: "connected", timestamp: at(2) }));
  expect(cache.getQueryData(queryKeys.qr(sessionId))).toBeNull();
  expect(cache.getQueryState(queryKeys.sessions)?.isInvalidated).toBe(true);
});

test("a pacing event shows the new state immediately and refetches the counts", () => {
  const { cache, emit } = setUp();
  const sessionId = newId();
  const key = queryKeys.pacing(sessionId);
  cache.setQueryData(key, { sessionId, state: "ok", cause: null, resetsAt: null, waiting: 2 });
  emit("session_pacing", { sessionId, state: "exhausted", cause: "hourly_budget", remaining: 0, resetsAt: at(60) });
  expect(cache.getQueryData(key)).toMatchObject({ cause: "hourly_budget", resetsAt: at(60), waiting: 2 });
  expect(cache.getQueryState(key)?.isInvalidated).toBe(true);
  emit("session_pacing", { sessionId, state: "ok", remaining: 500, resetsAt: null });
  expect(cache.getQueryData(key)).toMatchObject({ state: "ok", cause: null });
});

test("a resync removes data that no page shows, but keeps files", () => {
  const { cache, emit } = setUp();
  cache.setQueryData(queryKeys.messages("other"), emptyList());
  cache.setQueryData(queryKeys.media("/v1/media/1"), "blob");
  emit("resync", { reason: "test" });
  expect(cache.getQueryData(queryKeys.messages("other"))).toBeUndefined();
  expect(cache.getQueryData(queryKeys.media("/v1/media/1"))).toBe("blob");
});

test("switching groups changes the listed session, and a message of a group reads sessions that seem to have them off", () => {
  const { cache, durable } = setUp();
  const session = { id: newId(), groupsEnabled: false, version: 1 } as Session;
  cache.setQueryData(queryKeys.sessions, withSession([session], { ...session, groupsEnabled: true }));
  const message = aMessage({ sessionId: session.id });
  const { Client: _, ...data } = stored(message).data;
  const ofGroup = () => durable(frame("new_message", 1, { ...data, Group: { Subject: "Equipe", Notify_All: false } }));
  const isStale = () => cache.getQueryState(queryKeys.sessions)?.isInvalidated;
  ofGroup();
  expect(isStale()).toBe(false);
  cache.setQueryData(queryKeys.sessions, [session]);
  ofGroup();
  expect(isStale()).toBe(true);
});

const aChatUpdate = (chat: ReturnType<typeof aChat>, version: number) =>
  frame("chat_update", version, {
    Id: chat.id,
    Session_Id: chat.sessionId,
    Client_Id: chat.client.id,
    WA_Chat_Id: chat.waChatId,
    Unread_Count: 1,
    Last_Message: { Id: newId(), Direction: 0, Type: 0, Body: "oi", timestamp: at(5) },
    timestamp: at(5),
  });

test("a chat that left the reach is removed from every list, and its messages are forgotten", () => {
  const { cache, durable } = setUp();
  const [gone, kept] = [aChat(), aChat()];
  for (const search of ["", "mari"])
    cache.setQueryData(queryKeys.chats(search), { ...emptyList(), items: [gone, kept] });
  cache.setQueryData(queryKeys.messages(gone.id), emptyList());
  durable(frame("chat_gone", gone.version, { Id: gone.id, timestamp: at(1) }));
  for (const search of ["", "mari"])
    expect(cache.getQueryData<ChatList>(queryKeys.chats(search))?.items).toEqual([kept]);
  expect(cache.getQueryData(queryKeys.messages(gone.id))).toBeUndefined();
});

test("a chat that came into the reach is read, a new chat that its first message adds is not", async () => {
  const { cache, durable } = setUp();
  const [gained, added] = [aChat(), aMessage()];
  const isStale = () => cache.getQueryState(queryKeys.chats(""))?.isInvalidated;
  cache.setQueryData(queryKeys.chats(""), emptyList());
  cache.setQueryData(queryKeys.clients(""), emptyList());
  durable(aChatUpdate(aChat({ id: added.chatId }), 1));
  durable(stored(added));
  durable(frame("chat_gone", 1, { Id: newId(), timestamp: at(1) }));
  await expect.poll(() => cache.getQueryState(queryKeys.clients(""))?.isInvalidated).toBe(true);
  expect(isStale()).toBe(false);
  durable(aChatUpdate(gained, 2));
  await expect.poll(isStale).toBe(true);
});
