import type { Chat } from "@syszap/contracts";
import { expect, test } from "vitest";
import { applyToChats, type ChatList, withChats } from "../../src/live/chat-cache.ts";
import { emptyList } from "../../src/live/list.ts";
import { aChat, aClient, aMessage, at, frame, newId, stored } from "../support/builders.ts";

const listOf = (...items: Chat[]): ChatList => withChats(emptyList<Chat>(), { items, next: null });
const update = (chat: ReturnType<typeof aChat>, version: number, Unread_Count: number) =>
  frame("chat_update", version, {
    Id: chat.id,
    Client_Id: chat.client.id,
    Session_Id: chat.sessionId,
    WA_Chat_Id: chat.waChatId,
    Unread_Count,
    Last_Message: chat.lastMessage && {
      Id: chat.lastMessage.id,
      Direction: chat.lastMessage.direction,
      Type: chat.lastMessage.type,
      Body: chat.lastMessage.body,
      timestamp: chat.lastMessage.timestamp,
    },
    timestamp: at(5),
  });

test("a message moves its chat to the top", () => {
  const [old, recent] = [aChat(), aChat({ lastMessage: { ...aMessage(), timestamp: at(10) } })];
  const message = aMessage({ chatId: old.id, body: "de novo", timestamp: at(20) });
  const list = applyToChats(listOf(old, recent), "", stored(message, old.client));
  expect(list.items.map((chat) => chat.id)).toEqual([old.id, recent.id]);
  expect(list.items[0]?.lastMessage?.body).toBe("de novo");
});

test("an older message that arrives late does not become the last message", () => {
  const chat = aChat({ lastMessage: { ...aMessage({ body: "newest" }), timestamp: at(10) } });
  const list = listOf(chat);
  expect(applyToChats(list, "", stored(aMessage({ chatId: chat.id, timestamp: at(5) }), chat.client))).toBe(list);
});

test("an edit or a deletion of the last message also changes the list", () => {
  const [last, earlier] = [aMessage({ body: "às 10h" }), aMessage()];
  const chat = aChat({ lastMessage: last });
  const changed = (id: string, Body: string) =>
    frame("message_update", 2, {
      Id: id,
      Chat_Id: chat.id,
      Body,
      Change: Body === "" ? "revoked" : "edited",
      Edited_At: at(6),
      Revoked_At: Body === "" ? at(6) : null,
      Reactions: [],
      timestamp: at(6),
    });
  const list = listOf(chat);
  expect(applyToChats(list, "", changed(earlier.id, "outra"))).toBe(list);
  const edited = applyToChats(list, "", changed(last.id, "às 11h"));
  expect(edited.items[0]?.lastMessage?.body).toBe("às 11h");
  expect(applyToChats(edited, "", changed(last.id, "")).items[0]?.lastMessage).toMatchObject({
    body: "",
    revokedAt: at(6),
  });
});

test("applies unread counts of newer versions only", () => {
  const chat = aChat();
  const updated = applyToChats(listOf(chat), "", update(chat, 3, 4));
  expect(applyToChats(updated, "", update(chat, 2, 9)).items[0]?.unreadCount).toBe(4);
});

test("assembles a new chat from its events, in any order", () => {
  const client = aClient({ name: "Novo", profilePictureUrl: "/v1/media/1" });
  const chat = aChat({ client, lastMessage: null });
  const message = aMessage({ chatId: chat.id, timestamp: at(30) });
  const registered = frame("new_client", 1, {
    Id: client.id,
    Name: client.name,
    WhatsApp_Number: client.whatsappNumber ?? "",
    Profile_Pic_URL: client.profilePictureUrl,
    Company_Id: newId(),
    timestamp: at(30),
  });
  const events = [registered, stored(message, client), update({ ...chat, lastMessage: message }, 1, 1)];
  for (const order of [events, events.toReversed()]) {
    const list = order.reduce((before, each) => applyToChats(before, "", each), listOf());
    expect(list.items).toMatchObject([{ id: chat.id, unreadCount: 1, client: { profilePictureUrl: "/v1/media/1" } }]);
    expect(list.early).toEqual([]);
  }
});

test("shows the new name of a renamed client", () => {
  const chat = aChat();
  const renamed = frame("client_update", 2, {
    Id: chat.client.id,
    Name: "Mariana Alves",
    WhatsApp_Number: chat.client.whatsappNumber ?? "",
    Profile_Pic_URL: null,
    Last_Contact_At: at(1),
    timestamp: at(1),
  });
  expect(applyToChats(listOf(chat), "", renamed).items[0]?.client?.name).toBe("Mariana Alves");
});

test("adds only chats that match the search, ignoring case and accents", () => {
  const [joao, maria] = [aClient({ name: "João" }), aClient({ name: "Maria" })];
  const list = [joao, maria].reduce(
    (before, client) => applyToChats(before, "joao", stored(aMessage(), client)),
    listOf(),
  );
  expect(list.items.map((chat) => chat.client?.name)).toEqual(["João"]);
});

test("after a merge of two clients, merged chats leave the list and the other chats show the remaining client", () => {
  const [kept, gone] = [aClient({ name: "Ana" }), aClient({ name: "88123456789012" })];
  const [stays, goes, moves] = [aChat({ client: kept }), aChat({ client: gone }), aChat({ client: gone })];
  const merged = update(goes, 9, 0);
  const events = [
    update({ ...stays, client: kept }, 9, 5),
    { ...merged, data: { ...merged.data, Merged_Into: stays.id } },
    update({ ...moves, client: kept }, 9, 1),
  ];
  const list = events.reduce((before, each) => applyToChats(before, "", each), listOf(stays, goes, moves));
  expect(list.items.map(({ id, client, unreadCount }) => [id, client?.name, unreadCount]).sort()).toEqual(
    [
      [stays.id, "Ana", 5],
      [moves.id, "Ana", 1],
    ].sort(),
  );
});

test("a chat that moves to an unknown client uses the events of that client that arrived before or after the move", () => {
  const [kept, chat] = [aClient({ name: "Ana" }), aChat()];
  const about = frame("client_update", 4, {
    Id: kept.id,
    Name: kept.name,
    WhatsApp_Number: kept.whatsappNumber ?? "",
    Profile_Pic_URL: null,
    Last_Contact_At: at(1),
    timestamp: at(1),
  });
  const moved = update({ ...chat, client: kept }, 9, 1);
  for (const order of [
    [about, moved],
    [moved, about],
  ]) {
    const list = order.reduce((before, each) => applyToChats(before, "", each), listOf(chat));
    expect(list.items).toMatchObject([{ id: chat.id, client: { id: kept.id, name: "Ana" } }]);
  }
});
