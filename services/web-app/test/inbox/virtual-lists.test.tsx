import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ChatList } from "../../src/components/inbox/chat-list.tsx";
import { Conversation } from "../../src/components/inbox/conversation.tsx";
import { queryKeys } from "../../src/live/query-client.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { aChat, at } from "../support/builders.ts";
import { aConversation, giveLayout, pageOf, scrollTo, shownBodies } from "../support/conversation.tsx";
import { preparePage } from "../support/page.tsx";

const { show, answerWith } = preparePage();
const rowHeight = 68;
let removeLayout: () => void;
beforeEach(() => {
  removeLayout = giveLayout(rowHeight);
});
afterEach(() => removeLayout());

test("a list of 5,000 chats renders only those in view, and tells screen readers where they are", async () => {
  const chats = Array.from({ length: 5_000 }, (_, index) =>
    aChat({ lastMessage: { ...lastMessage, id: String(index) } }),
  );
  queryClient.setQueryData(queryKeys.chats(""), { items: chats, next: null, early: [] });
  show(<ChatList openChatId={undefined} />);
  const rows = screen.getAllByRole("listitem");
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.length).toBeLessThan(40);
  expect(rows[1]?.getAttribute("aria-posinset")).toBe("2");
  expect(rows[1]?.getAttribute("aria-setsize")).toBe("5000");
  await act(async () => scrollTo(screen.getAllByTestId("chat-item")[0] as HTMLElement, 2_000 * rowHeight));
  const shown = screen
    .getAllByTestId("chat-item")
    .map((item) => chats.findIndex(({ id }) => id === item.dataset.chatId));
  expect(Math.min(...shown)).toBeGreaterThan(1_900);
  expect(Math.max(...shown)).toBeLessThan(2_100);
});

const lastMessage = { id: "", direction: 0, type: 0, body: "oi", timestamp: at(0) } as const;

test("the size of a list that is not loaded completely is unknown", async () => {
  queryClient.setQueryData(queryKeys.chats(""), { items: [aChat()], next: "more", early: [] });
  show(<ChatList openChatId={undefined} />);
  expect(screen.getByRole("listitem").getAttribute("aria-setsize")).toBe("-1");
});

test("chats keep their place when another one moves past them, unless the list shows its beginning", async () => {
  const chats = Array.from({ length: 100 }, () => aChat());
  const show50 = (items: typeof chats) =>
    queryClient.setQueryData(queryKeys.chats(""), { items, next: null, early: [] });
  show50(chats);
  show(<ChatList openChatId={undefined} />);
  const area = () => screen.getAllByTestId("chat-item")[0]?.closest<HTMLElement>("[class*=overflow-y-auto]");
  const moveUp = (index: number) =>
    act(async () => void show50([chats[index] as (typeof chats)[0], ...chats.toSpliced(index, 1)]));
  await moveUp(90);
  expect(area()?.scrollTop).toBe(0);
  show50(chats);
  await act(async () => scrollTo(screen.getAllByTestId("chat-item")[0] as HTMLElement, 40 * rowHeight));
  await moveUp(90);
  expect(area()?.scrollTop).toBe(41 * rowHeight);
});

test("a list that was hidden shows the same chats again", async () => {
  const chats = Array.from({ length: 100 }, () => aChat());
  const list = (items: typeof chats) => queryClient.setQueryData(queryKeys.chats(""), { items, next: null, early: [] });
  list(chats);
  show(<ChatList openChatId={undefined} />);
  const height = () => screen.getAllByRole("listitem")[0]?.parentElement?.style.height;
  const before = height();
  removeLayout();
  removeLayout = giveLayout(0);
  // Rows that are added while the list is hidden have no height.
  await act(async () => void list(chats.toReversed()));
  expect(height()).toBe(before);
});

async function open(count: number) {
  const { chat, messages } = aConversation(count);
  answerWith(({ path }) => {
    if (path.startsWith(`/v1/chats/${chat.id}/messages`)) return { body: pageOf(messages, path) };
    if (path === "/v1/sessions") return { body: { items: [] } };
    return undefined;
  });
  show(<Conversation chatId={chat.id} chat={chat} />);
  await screen.findByText(`mensagem ${count}`);
  return messages;
}

test("an open chat renders only the messages in view, beginning with the newest", async () => {
  await open(300);
  const shown = shownBodies();
  expect(shown.length).toBeLessThan(40);
  expect(shown.at(-1)).toBe("mensagem 300");
});

test("scrolling back loads older messages and removes the newest ones from the page", async () => {
  await open(300);
  const [oldest] = shownBodies();
  await act(async () => scrollTo(screen.getByText(oldest ?? ""), 100));
  await screen.findByText("mensagem 245");
  expect(screen.queryByText("mensagem 300")).toBeNull();
});

test("the row with the focus stays while others are in view", async () => {
  await open(300);
  const newest = screen.getByText("mensagem 300").closest<HTMLElement>("[data-row]");
  const actions = newest?.querySelector("button");
  act(() => actions?.focus());
  await act(async () => scrollTo(screen.getByText("mensagem 300"), 100));
  expect(document.activeElement).toBe(actions);
  expect(screen.queryByText("mensagem 290")).toBeNull();
});
