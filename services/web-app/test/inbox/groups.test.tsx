import type { Chat, ChatGroup, Message, Note, Session } from "@syszap/contracts";
import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { ChatList } from "../../src/components/inbox/chat-list.tsx";
import { Conversation } from "../../src/components/inbox/conversation.tsx";
import { applyToChats, withChats } from "../../src/live/chat-cache.ts";
import { emptyList } from "../../src/live/list.ts";
import { withMessages } from "../../src/live/message-cache.ts";
import { queryKeys } from "../../src/live/query-client.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { aChat, aClient, aMessage, at, frame, newId } from "../support/builders.ts";
import { aSession, preparePage } from "../support/page.tsx";

const { show, answerWith, calls } = preparePage();

const ana = { name: "Ana", number: "5511911111111" };
const bia = { name: null, number: "5511922222222" };
const hidden = { name: null, number: null };

const group: ChatGroup = {
  subject: "Fornecedores",
  pictureUrl: null,
  participantCount: 3,
  isMember: true,
  notifyAll: false,
  unreadMentions: 0,
};
const aGroup = (changes: Partial<ChatGroup> = {}, chat: Partial<Chat> = {}): Chat => ({
  ...aChat({ waChatId: "123-456@g.us" }),
  client: null,
  group: { ...group, ...changes },
  ...chat,
});

function showGroup(chat: Chat, messages: Partial<Message>[] = [], session: Partial<Session> = {}) {
  const items = messages.map((message, minute) => aMessage({ chatId: chat.id, timestamp: at(minute), ...message }));
  queryClient.setQueryData(queryKeys.messages(chat.id), withMessages(emptyList(), { items, next: null }));
  queryClient.setQueryData(queryKeys.sessions, [aSession({ id: chat.sessionId, groupsEnabled: true, ...session })]);
  answerWith(({ method, path }) => {
    if (path === `/v1/chats/${chat.id}/participants`)
      return {
        body: {
          items: [
            { ...ana, role: "owner" },
            { ...bia, role: "member" },
            { ...hidden, role: "member" },
          ],
          next: null,
        },
      };
    if (method === "PUT") return { body: { ...chat, group: { ...chat.group, notifyAll: true }, version: 2 } };
    return undefined;
  });
  show(<Conversation chatId={chat.id} chat={chat} />);
}
const authors = () =>
  screen
    .getAllByTestId("message")
    .map((message) => message.querySelector('[data-testid="message-author"]')?.textContent ?? "");

test("the first message of each participant in a row names the participant", () => {
  showGroup(aGroup(), [
    { body: "bom dia", sender: ana },
    { body: "tudo bem?", sender: ana },
    { body: "tudo", sender: bia },
    { body: "aqui também", sender: hidden },
  ]);
  expect(authors()).toEqual(["Ana: ", "", "+55 11 92222-2222: ", "número oculto: "]);
});

test("a mention shows the participant's name, and a message that mentions the own number is marked", async () => {
  const mentions = [{ text: "82880134910105", number: ana.number }];
  showGroup(aGroup(), [{ body: "fala com @82880134910105", sender: bia, mentionsUs: true, context: { mentions } }]);
  await screen.findByText("@Ana");
  expect(screen.getByTestId("message").innerHTML).toContain("outline-accent");
});

test("the list shows a group with its subject, and who wrote the last message", () => {
  const last = { id: newId(), direction: 0, type: 0, body: "chegou o pedido", sender: ana, timestamp: at(0) } as const;
  const chat = aGroup({ unreadMentions: 2 }, { unreadCount: 7, lastMessage: last });
  queryClient.setQueryData(queryKeys.chats(""), withChats(emptyList(), { items: [chat], next: null }));
  show(<ChatList openChatId={undefined} />);
  const row = within(screen.getByTestId("chat-item"));
  expect(row.getByText("Fornecedores")).toBeDefined();
  expect(screen.getByTestId("chat-item").textContent).toContain("Ana: chegou o pedido");
  expect(row.getByLabelText("2 menções não lidas")).toBeDefined();
  expect(row.getByLabelText("7 mensagens não lidas")).toBeDefined();
});

test("the preview of a message names the mentioned people instead of WhatsApp's ids", () => {
  const carla = aChat({ client: aClient({ name: "Carla", whatsappNumber: "5511944444444" }), lastMessage: null });
  const mentions = [
    { text: "82880134910105", number: "5511944444444" },
    { text: "99990134910105", number: null },
  ];
  const body = "@82880134910105 e @99990134910105, vejam";
  const last = { id: newId(), direction: 0, type: 0, body, sender: ana, mentions, timestamp: at(0) } as const;
  const items = [aGroup({}, { lastMessage: last }), carla];
  queryClient.setQueryData(queryKeys.chats(""), withChats(emptyList(), { items, next: null }));
  show(<ChatList openChatId={undefined} />);
  expect(screen.getAllByTestId("chat-item")[0]?.textContent).toContain("Ana: @Carla e @número oculto, vejam");
});

test("the panel lists the participants with their roles, and switches notices about all messages on", async () => {
  const chat = aGroup();
  showGroup(chat);
  fireEvent.click(screen.getByTestId("group-open"));
  const rows = (await screen.findAllByTestId("group-participant")).map(({ textContent }) => textContent);
  expect(rows).toEqual(["AAna+55 11 91111-1111Dono", expect.stringContaining("+55 11 92222-2222"), "?número oculto"]);
  fireEvent.click(screen.getByTestId("group-notify-all"));
  await expect.poll(() => calls.find(({ method }) => method === "PUT")).toBeDefined();
  expect(calls.find(({ method }) => method === "PUT")).toMatchObject({
    path: `/v1/chats/${chat.id}/notices`,
    body: { notifyAll: true },
  });
});

test.for([
  [{ isMember: false }, {}, "não está mais"],
  [{}, { groupsEnabled: false }, "desligados"],
] as const)(
  "a group to which nothing can be sent says why instead of the composer: %j %j",
  ([changes, session, text]) => {
    showGroup(aGroup(changes), [], session);
    expect(screen.getByTestId("read-only").textContent).toContain(text);
    expect(screen.queryByTestId("composer")).toBeNull();
  },
);

const notes: [Note, string][] = [
  [{ event: "subject_changed", actor: ana, text: "Compras" }, "Ana mudou o nome do grupo para “Compras”"],
  [{ event: "added", actor: ana, targets: [bia, hidden] }, "Ana adicionou +55 11 92222-2222 e número oculto"],
  [{ event: "added", actor: null, targets: [bia] }, "Pessoas adicionadas ao grupo: +55 11 92222-2222"],
  [{ event: "left", actor: ana, targets: [ana] }, "Ana saiu do grupo"],
  [{ event: "number_changed", actor: ana, text: "5511933333333" }, "Ana mudou de número para +55 11 93333-3333"],
  [{ event: "disappearing_changed", text: "604800" }, "As novas mensagens desaparecem depois de 7 dias"],
  [{ event: "disappearing_changed", text: "0" }, "As mensagens temporárias foram desligadas"],
  [{ event: "encryption" }, "As mensagens são protegidas com criptografia de ponta a ponta"],
  [{ event: "other" }, "WhatsApp's text"],
];

test.for(notes)("a note is centred and described in the user's language: %j", ([note, text]) => {
  showGroup(aGroup(), [{ type: 10, body: "WhatsApp's text", content: { note } }]);
  expect(screen.getByTestId("message").textContent).toContain(text);
  expect(screen.getByTestId("message").className).toContain("justify-center");
});

test("a note changes neither the order of the list nor the last message of its chat", () => {
  const chat = aGroup();
  const list = withChats(emptyList<Chat>(), { items: [chat], next: null });
  const note = frame("new_message", 2, {
    Id: newId(),
    Chat_Id: chat.id,
    Direction: 0,
    Type: 10,
    Body: "Ana left",
    Chat: { WA_Chat_Id: chat.waChatId },
    Group: { Subject: "Fornecedores", Notify_All: true },
    Content: { note: { event: "left", targets: [ana] } },
    timestamp: at(9),
  });
  expect(applyToChats(list, "", note)).toBe(list);
});
