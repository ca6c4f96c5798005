import type { Chat } from "@syszap/contracts";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { Toaster } from "sonner";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conversation } from "../../src/components/inbox/conversation.tsx";
import { refetch } from "../../src/live/apply-events.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { outgoing } from "../../src/page/state.ts";
import { aMessage, at, newId } from "../support/builders.ts";
import { aConversation, giveLayout, pageOf, scrollTo, shownBodies } from "../support/conversation.tsx";
import { preparePage } from "../support/page.tsx";

const { show, answerWith, calls } = preparePage();
let removeLayout: () => void;
beforeEach(() => {
  removeLayout = giveLayout(50);
  outgoing.clear();
});
afterEach(() => removeLayout());

type Messages = ReturnType<typeof aConversation>["messages"];
const answerMessages = (chat: Chat, messages: Messages) =>
  answerWith(({ path, method }) => {
    if (method === "GET" && path.startsWith(`/v1/chats/${chat.id}/messages`)) {
      const around = new URL(path, "http://x").searchParams.get("around");
      if (around && !messages.some(({ id }) => id === around)) return undefined;
      return { body: pageOf(messages, path) };
    }
    return path === "/v1/sessions" ? { body: { items: [] } } : undefined;
  });
const conversation = (chat: Chat) => (
  <>
    <Toaster />
    <Conversation chatId={chat.id} chat={chat} />
  </>
);
/** The text of the row after the line of unread messages. */
const afterLine = () => {
  const row = screen.getByTestId("unread-line").closest("li");
  const next = screen
    .getAllByRole("listitem")
    .find((item) => Number(item.dataset.index) === Number(row?.dataset.index) + 1);
  return next?.querySelector('[data-testid="message-body"]')?.textContent;
};

test("a line stands before the messages that were unread when the chat was opened, and stays while they are read", async () => {
  const { chat, messages } = aConversation(20, { unreadCount: 3 });
  // The company's own message does not count.
  messages[18] = { ...(messages[18] as Messages[0]), direction: 1, status: "read" };
  const withLast = { ...chat, lastMessage: { ...aMessage(), id: messages[19]?.id ?? "" } };
  answerMessages(chat, messages);
  const rerender = show(conversation(withLast));
  expect((await screen.findByTestId("unread-line")).textContent).toBe("3 mensagens não lidas");
  expect(afterLine()).toBe("mensagem 17");
  rerender(conversation({ ...withLast, unreadCount: 0 }));
  expect(afterLine()).toBe("mensagem 17");
});

test("the line disappears when the user answers", async () => {
  const { chat, messages } = aConversation(20, { unreadCount: 3 });
  answerMessages(chat, messages);
  show(conversation(chat));
  await screen.findByTestId("unread-line");
  act(() => outgoing.send(chat.id, "olá"));
  expect(screen.queryByTestId("unread-line")).toBeNull();
});

test("messages that arrive while the tab is hidden get a line when it is shown, those that arrive while it is visible do not", async () => {
  const { chat, messages } = aConversation(20);
  answerMessages(chat, messages);
  const rerender = show(conversation(chat));
  await screen.findByText("mensagem 20");
  rerender(conversation({ ...chat, unreadCount: 1 }));
  expect(screen.queryByTestId("unread-line")).toBeNull();
  const visibility = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  const change = () => act(async () => void document.dispatchEvent(new Event("visibilitychange")));
  await change();
  rerender(conversation({ ...chat, unreadCount: 2 }));
  expect(screen.queryByTestId("unread-line")).toBeNull();
  visibility.mockRestore();
  await change();
  expect(screen.getByTestId("unread-line").textContent).toBe("2 mensagens não lidas");
  expect(afterLine()).toBe("mensagem 19");
});

test("a quote whose original is far back loads it with the messages around it, and gives it the focus", async () => {
  const { chat, messages } = aConversation(1_500);
  const original = messages[99] as Messages[0];
  const quoted = { id: original.id, direction: 0 as const, type: 0 as const, body: original.body };
  messages.push(aMessage({ ...(messages[1_499] as Messages[0]), id: newId(), body: "isto", sourceOrder: "9", quoted }));
  answerMessages(chat, messages);
  show(conversation(chat));
  await screen.findByText("isto");
  await act(async () => fireEvent.click(screen.getByTestId("quote")));
  await screen.findByText("mensagem 100");
  expect(document.activeElement?.textContent).toContain("mensagem 100");
  expect(calls.filter(({ path }) => path.includes("around="))).toHaveLength(1);
  expect(screen.queryByText("isto")).toBeNull();
  // Back to the newest messages, which are loaded again.
  await act(async () => fireEvent.click(screen.getByRole("button", { name: "Ir para a mensagem mais recente" })));
  await screen.findByText("isto");
});

test("a quote whose original left the chat says so", async () => {
  const { chat, messages } = aConversation(3);
  const quoted = { id: newId(), direction: 0 as const, type: 0 as const, body: "sumiu" };
  messages.push(aMessage({ chatId: chat.id, body: "isto", sourceOrder: "9", quoted }));
  answerMessages(chat, messages);
  show(conversation(chat));
  await screen.findByText("isto");
  await act(async () => fireEvent.click(screen.getByTestId("quote")));
  await screen.findByText("A mensagem original não está mais nesta conversa.");
  await screen.findByText("isto");
});

test("jumping to a date shows the first message of that day on, in the device's time zone", async () => {
  const { chat, messages } = aConversation(1_500);
  const first = new Date(2025, 4, 6, 9, 30);
  for (const [index, message] of messages.entries()) {
    // One message an hour.
    messages[index] = { ...message, timestamp: new Date(first.getTime() + index * 3_600_000).toISOString() };
  }
  answerMessages(chat, messages);
  show(conversation(chat));
  await screen.findByText("mensagem 1500");
  fireEvent.click(screen.getByTestId("jump-open"));
  fireEvent.change(await screen.findByTestId("jump-date"), { target: { value: "2025-05-08" } });
  await act(async () => fireEvent.click(screen.getByTestId("jump-submit")));
  const expected = messages.findIndex(({ timestamp }) => new Date(timestamp) >= new Date(2025, 4, 8)) + 1;
  await screen.findByText(`mensagem ${expected}`);
  await waitFor(() => expect(document.activeElement?.textContent).toContain(`mensagem ${expected}`));
  expect(screen.queryByTestId("jump-dialog")).toBeNull();
});

test("a page that reads again while the user looks at older messages stays there", async () => {
  const { chat, messages } = aConversation(60);
  answerMessages(chat, messages);
  show(conversation(chat));
  scrollTo(await screen.findByText("mensagem 60"), 1_000);
  await waitFor(() => expect(shownBodies()).not.toContain("mensagem 60"));
  const before = shownBodies();
  messages.push(aMessage({ chatId: chat.id, body: "mensagem 61", sourceOrder: "9", timestamp: at(61) }));
  act(() => refetch(queryClient));
  await waitFor(() => expect(calls.filter(({ path }) => path.includes("/messages")).length).toBeGreaterThan(1));
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  expect(shownBodies()).toEqual(before);
});
