import { createRealtimeClient, type RealtimeClient } from "@syszap/client";
import { RealtimeProvider } from "@syszap/client-react";
import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Composer } from "../../src/components/inbox/composer/composer.tsx";
import { Conversation } from "../../src/components/inbox/conversation.tsx";
import { emptyList } from "../../src/live/list.ts";
import { type MessageList, withMessage, withMessages } from "../../src/live/message-cache.ts";
import { queryKeys } from "../../src/live/query-client.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { aMessage, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, calls } = preparePage();

/** A client that records what is sent and never connects. */
function recordingClient() {
  const sent: [string, unknown][] = [];
  const client = createRealtimeClient({ url: "ws://127.0.0.1:1/ws", getTicket: () => new Promise(() => undefined) });
  const send: RealtimeClient["send"] = (type, data) => sent.push([type, data]) > 0;
  return { sent, client: Object.assign(client, { send }) };
}

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("sends a typing notice every four seconds while the user types, and ends it after a pause or when a message is sent", () => {
  const chatId = newId();
  const { sent, client } = recordingClient();
  show(
    <RealtimeProvider client={client} identity={undefined}>
      <Composer chatId={chatId} />
    </RealtimeProvider>,
  );
  const field = screen.getByTestId("composer");
  const write = (value: string) => fireEvent.change(field, { target: { value } });
  const composing = ["typing", { chatId, state: "composing" }];
  const paused = ["typing", { chatId, state: "paused" }];
  for (const value of ["o", "ol", "olá"]) write(value);
  expect(sent).toEqual([composing]);
  act(() => vi.advanceTimersByTime(4_100));
  write("olá,");
  expect(sent).toEqual([composing, composing]);
  act(() => vi.advanceTimersByTime(5_100));
  expect(sent.splice(0)).toEqual([composing, composing, paused]);
  write("olá, Ana");
  fireEvent.keyDown(field, { key: "Enter" });
  expect(sent).toEqual([composing, paused]);
});

test("marks an open chat as read while the page is visible, not while it is hidden", async () => {
  const message = aMessage();
  const { chatId } = message;
  queryClient.setQueryData(queryKeys.messages(chatId), withMessages(emptyList(), { items: [message], next: null }));
  const chat = { ...chatOf(chatId), unreadCount: 1 };
  const visibility = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  const { client } = recordingClient();
  show(
    <RealtimeProvider client={client} identity={undefined}>
      <Conversation chatId={chatId} chat={chat} />
    </RealtimeProvider>,
  );
  const isRead = () => calls.some(({ method, path }) => method === "POST" && path === `/v1/chats/${chatId}/read`);
  await act(async () => vi.advanceTimersByTime(1_000));
  expect(isRead()).toBe(false);
  visibility.mockReturnValue("visible");
  await act(async () => void document.dispatchEvent(new Event("visibilitychange")));
  await vi.waitUntil(isRead, { timeout: 60_000 });
  visibility.mockRestore();
});

test("an open chat that receives many messages is marked as read at most once per second", async () => {
  const { chatId } = aMessage();
  const chat = { ...chatOf(chatId), unreadCount: 1 };
  queryClient.setQueryData(queryKeys.messages(chatId), emptyList());
  const { client } = recordingClient();
  show(
    <RealtimeProvider client={client} identity={undefined}>
      <Conversation chatId={chatId} chat={chat} />
    </RealtimeProvider>,
  );
  const reads = () => calls.filter(({ path }) => path === `/v1/chats/${chatId}/read`).length;
  for (let count = 0; count < 40; count += 1) {
    const message = aMessage({ chatId, sourceOrder: String(count).padStart(3, "0") });
    await act(async () => {
      queryClient.setQueryData<MessageList>(queryKeys.messages(chatId), (list) => list && withMessage(list, message));
    });
    await act(async () => vi.advanceTimersByTime(100));
  }
  expect(reads()).toBeGreaterThan(3);
  expect(reads()).toBeLessThan(6);
});

const chatOf = (id: string) => ({
  id,
  sessionId: newId(),
  waChatId: "5511@c.us",
  group: null,
  lastMessage: null,
  version: 1,
  client: {
    id: newId(),
    name: "Ana",
    whatsappNumber: "5511988887777",
    profilePictureUrl: null,
    lastContactAt: null,
    version: 1,
  },
});
