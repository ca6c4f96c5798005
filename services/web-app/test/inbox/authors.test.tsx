import type { Chat, Message } from "@syszap/contracts";
import { act, screen, waitFor } from "@testing-library/react";
import i18next from "i18next";
import { afterEach, expect, test } from "vitest";
import { ChatList } from "../../src/components/inbox/chat-list.tsx";
import { Conversation } from "../../src/components/inbox/conversation.tsx";
import { shortName } from "../../src/lib/short-name.ts";
import { withChats } from "../../src/live/chat-cache.ts";
import { emptyList } from "../../src/live/list.ts";
import { withMessages } from "../../src/live/message-cache.ts";
import { queryKeys } from "../../src/live/query-client.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { typingStates } from "../../src/page/state.ts";
import { aChat, aMessage, at, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, answerWith, me } = preparePage();
afterEach(() => typingStates.clear());

const ana = { id: me.userId, name: "Ana" };
const bruno = { id: newId(), name: "Bruno Lima" };
const carla = { id: newId(), name: "Carla Nunes" };

const peopleAre = (...people: { id: string; name: string }[]) =>
  answerWith(({ path }) =>
    path.startsWith("/v1/users")
      ? { body: { items: people.map((person) => ({ ...person, pictureId: null })), next: null } }
      : undefined,
  );

function showChat(chat: Chat, ...messages: Partial<Message>[]) {
  const items = messages.map((message, minute) => aMessage({ chatId: chat.id, timestamp: at(minute), ...message }));
  queryClient.setQueryData(queryKeys.messages(chat.id), withMessages(emptyList(), { items, next: null }));
  show(<Conversation chatId={chat.id} chat={chat} />);
}

test("a message names a colleague or the phone when the author changes, and every author for screen readers", async () => {
  const out = { direction: 1, status: "sent" } as const;
  showChat(
    aChat(),
    { body: "oi" },
    { ...out, body: "bom dia", author: bruno },
    { ...out, body: "já vejo", author: bruno },
    { ...out, body: "eu vejo", author: ana },
    { ...out, body: "achei", author: carla },
    { ...out, body: "pronto" },
  );
  const shown = screen.getAllByTestId("message").map((message) => ({
    label: message.querySelector('[data-testid="message-author"]')?.textContent,
    text: message.textContent,
  }));
  expect(shown.map(({ label }) => label)).toEqual([
    undefined,
    "Bruno Lima: ",
    undefined,
    undefined,
    "Carla Nunes: ",
    "Pelo celular: ",
  ]);
  const spoken = ["Mariana: oi", "Bruno Lima: bom dia", "Bruno Lima: já vejo", "Você: eu vejo", "Carla Nunes: achei"];
  for (const [index, text] of [...spoken, "Pelo celular: pronto"].entries()) expect(shown[index]?.text).toContain(text);
  await act(() => i18next.changeLanguage("en"));
  expect(screen.getAllByTestId("message-author").at(-1)?.textContent).toBe("From the phone: ");
  expect(screen.getAllByTestId("message")[3]?.textContent).toContain("You: eu vejo");
});

test("a quote names its author", () => {
  const quoted = { id: newId(), type: 0, body: "às 10h" } as const;
  showChat(
    aChat(),
    { quoted: { ...quoted, direction: 1, author: bruno } },
    { quoted: { ...quoted, direction: 1, author: ana } },
    { quoted: { ...quoted, direction: 1 } },
    { quoted: { ...quoted, direction: 0 } },
  );
  for (const author of ["Bruno Lima", "Você", "uma mensagem do celular", "Mariana"])
    expect(screen.getByRole("button", { name: `Em resposta a ${author}: às 10h` })).toBeTruthy();
});

test("a preview names who wrote the last message by first name, and by full name if two people share it", async () => {
  const otherCarla = { id: newId(), name: "Carla Dias" };
  peopleAre(ana, bruno, carla, otherCarla);
  const last = (message: Partial<Message>) =>
    aChat({ lastMessage: aMessage({ body: "ok", direction: 1, ...message }) });
  const chats = [
    last({ author: bruno }),
    last({ author: carla }),
    last({ author: ana }),
    last({}),
    last({ direction: 0 }),
    last({ author: bruno, body: "", revokedAt: at(1) }),
  ];
  queryClient.setQueryData(queryKeys.chats(""), withChats(emptyList(), { items: chats, next: null }));
  show(<ChatList openChatId={undefined} />);
  const textOf = (chat: Chat) => document.querySelector(`[data-chat-id="${chat.id}"]`)?.textContent;
  await waitFor(() => expect(textOf(chats[1] as Chat)).toContain("Carla Nunes: ok"));
  const expected = ["Bruno: ok", "Carla Nunes: ok", "Você: ok", "Pelo celular: ok", "ok", "Bruno: Esta mensagem foi"];
  for (const [index, chat] of chats.entries()) expect(textOf(chat)).toContain(expected[index]);
  expect(textOf(chats[4] as Chat)).not.toContain(": ok");
});

test("says which colleague is typing, beside the client who is typing", async () => {
  peopleAre(ana, bruno, carla);
  const chat = aChat();
  showChat(chat, { body: "oi" });
  const typing = (User_Id?: string) =>
    act(() =>
      typingStates.onTyping({
        Chat_Id: chat.id,
        State: "composing",
        From: User_Id === undefined ? "client" : "colleague",
        ...(User_Id !== undefined && { User_Id }),
        timestamp: at(1),
      }),
    );
  const header = screen.getByTestId("colleague-typing");
  expect(header.textContent).toBe("");
  typing();
  expect(screen.getByText("digitando…")).toBeTruthy();
  expect(header.textContent).toBe("");
  typing(bruno.id);
  await waitFor(() => expect(header.textContent).toBe("Bruno está digitando…"));
  typing(carla.id);
  expect(header.textContent).toBe("2 colegas estão digitando…");
  act(() => typingStates.end(chat.id, carla.id));
  await act(() => i18next.changeLanguage("en"));
  expect(header.textContent).toBe("Bruno is typing…");
  expect(screen.getByText("typing…")).toBeTruthy();
});

test("shortens a name to its first word unless another person has the same one", () => {
  expect(shortName("  Bruno  Lima", ["Ana"])).toBe("Bruno");
  expect(shortName("Bruno Lima", ["Bruno Lima", "Bruno Reis"])).toBe("Bruno Lima");
  expect(shortName("", [])).toBe("");
});
