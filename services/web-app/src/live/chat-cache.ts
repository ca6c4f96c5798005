import type { DurableFrame } from "@syszap/client";
import type { Chat, Client, Page } from "@syszap/contracts";
import { previewLength } from "@syszap/contracts/constants";
import { clientIn, newerOf } from "./client-cache.ts";
import { authorOf, groupOf, senderOf } from "./event-mapping.ts";
import { keepEarly, type List, matchesSearch, mergeItems, newestFirst, placeItem, replaceItem } from "./list.ts";

export type ChatList = List<Chat>;

const byNewest = (a: Chat, b: Chat): number =>
  newestFirst(
    { time: a.lastMessage?.timestamp ?? null, id: a.id },
    { time: b.lastMessage?.timestamp ?? null, id: b.id },
  );

const sorted = (items: Chat[]): Chat[] => items.sort(byNewest);

/** Chat and client have separate versions. */
function mergeChats(held: Chat, read: Chat): Chat {
  return { ...newerOf(held, read), client: newerClient(held.client, read.client) };
}
const newerClient = (held: Chat["client"], read: Chat["client"]): Chat["client"] =>
  held && read && held.id === read.id ? newerOf(held, read) : read;

export function withChats(list: ChatList, page: Page<Chat>): ChatList {
  return { ...list, items: sorted(mergeItems(list.items, page.items, mergeChats)), next: page.next };
}

export function withChat(list: ChatList, chat: Chat): ChatList {
  return { ...list, items: sorted(mergeItems(list.items, [chat], mergeChats)) };
}

/** Applies an event to a list of chats. A new chat is assembled from its events, in whichever order they arrive. */
export function applyToChats(list: ChatList, search: string, frame: DurableFrame): ChatList {
  if (frame.type === "new_message") return applyMessage(list, search, frame);
  if (frame.type === "chat_update") {
    if (frame.data.Merged_Into) return { ...list, items: list.items.filter((chat) => chat.id !== frame.data.Id) };
    const isHeld = list.items.some((chat) => chat.id === frame.data.Id);
    return isHeld ? applyUpdate(list, frame) : keepEarly(list, frame);
  }
  if (frame.type === "chat_gone") return withoutChat(list, frame);
  if (frame.type === "message_update") return applyChange(list, frame);
  const client = clientIn(frame);
  if (!client) return list;
  const isHeld = list.items.some((chat) => chat.client?.id === client.id);
  return isHeld ? applyClient(list, client) : keepEarly(list, frame);
}

/** Removes a chat that left the user's reach, unless it was read after it had returned. */
function withoutChat(list: ChatList, { data, version }: DurableFrame<"chat_gone">): ChatList {
  const isGone = (chat: Chat) => chat.id === data.Id && chat.version <= version;
  const isAbout = (frame: DurableFrame) => frame.type === "chat_update" && frame.data.Id === data.Id;
  const early = list.early.some(isAbout) ? list.early.filter((frame) => !isAbout(frame)) : list.early;
  return list.items.some(isGone) || early !== list.early
    ? { ...list, items: list.items.filter((chat) => !isGone(chat)), early }
    : list;
}

/** Applies an edit or a deletion to the last message, so that the list never shows the old text. */
function applyChange(list: ChatList, { data }: DurableFrame<"message_update">): ChatList {
  const changed = { body: data.Body.slice(0, previewLength), revokedAt: data.Revoked_At };
  const items = replaceItem(
    list.items,
    (chat) => chat.id === data.Chat_Id,
    (chat) =>
      chat.lastMessage?.id === data.Id && differs(chat.lastMessage, changed)
        ? { ...chat, lastMessage: { ...chat.lastMessage, ...changed } }
        : chat,
  );
  return items === list.items ? list : { ...list, items };
}

const differs = (
  last: NonNullable<Chat["lastMessage"]>,
  changed: { body: string; revokedAt: string | null },
): boolean => last.body !== changed.body || (last.revokedAt ?? null) !== changed.revokedAt;

function applyClient(list: ChatList, client: Client): ChatList {
  const items = replaceItem(
    list.items,
    (chat) => chat.client?.id === client.id,
    (chat) => (client.version > (chat.client?.version ?? 0) ? { ...chat, client } : chat),
  );
  return items === list.items ? list : { ...list, items };
}

function applyUpdate(list: ChatList, frame: DurableFrame<"chat_update">): ChatList {
  const { Id, Client_Id, Group, Unread_Count, Last_Message, WA_Chat_Id } = frame.data;
  const index = list.items.findIndex((chat) => chat.id === Id);
  const held = list.items[index];
  if (!held || frame.version <= held.version) return list;
  const lastMessage = Last_Message && {
    id: Last_Message.Id,
    direction: Last_Message.Direction,
    type: Last_Message.Type,
    body: Last_Message.Body,
    ...authorOf(Last_Message.Author),
    ...senderOf(Last_Message.Sender),
    ...(Last_Message.Mentions && { mentions: Last_Message.Mentions }),
    revokedAt: Last_Message.Revoked_At ?? null,
    timestamp: Last_Message.timestamp,
  };
  const client = Client_Id === held.client?.id ? held.client : movedTo(Client_Id, held, list);
  const changed = { client, group: groupOf(Group), waChatId: WA_Chat_Id, unreadCount: Unread_Count, lastMessage };
  const chat: Chat = { ...held, ...changed, version: frame.version };
  const next = { ...list, items: placeItem(list.items, index, chat, byNewest) };
  return chat.client?.version === 0 ? applyEarly(next, chat) : next;
}

/** The client that a chat moved to in a merge. If it is not known here, version 0 lets any of its events replace it. */
function movedTo(id: string | undefined, chat: Chat, list: ChatList): Client | null {
  if (id === undefined) return null;
  const known = list.items.find(({ client }) => client?.id === id)?.client;
  return known ?? (chat.client && { ...chat.client, id, version: 0 });
}

function applyMessage(list: ChatList, search: string, frame: DurableFrame<"new_message">): ChatList {
  const { data } = frame;
  if (data.Content?.note) return list;
  const lastMessage = {
    id: data.Id,
    direction: data.Direction,
    type: data.Type,
    body: data.Body.slice(0, previewLength),
    ...authorOf(data.Author),
    ...senderOf(data.Sender),
    ...(data.Context?.mentions && { mentions: data.Context.mentions }),
    timestamp: data.timestamp,
  };
  const index = list.items.findIndex((chat) => chat.id === data.Chat_Id);
  const held = list.items[index];
  if (held) {
    if ((held.lastMessage?.timestamp ?? "") >= data.timestamp) return list;
    return { ...list, items: placeItem(list.items, index, { ...held, lastMessage }, byNewest) };
  }
  const added = newChat(list, frame, lastMessage);
  const searched = added.client ?? { name: added.group?.subject ?? "", whatsappNumber: null };
  return matchesSearch(searched, search)
    ? applyEarly({ ...list, items: placeItem(list.items, -1, added, byNewest) }, added)
    : list;
}

/** Assembles a chat from its first message. Version 0 lets any later event of the chat or its client replace the data. */
function newChat(list: ChatList, frame: DurableFrame<"new_message">, lastMessage: Chat["lastMessage"]): Chat {
  const { Chat_Id, Session_Id, Chat: chat, Group: group } = frame.data;
  return {
    id: Chat_Id,
    sessionId: Session_Id ?? "",
    waChatId: chat.WA_Chat_Id,
    client: clientOfMessage(list, frame),
    group: group ? { ...unknownGroup, subject: group.Subject, notifyAll: group.Notify_All } : null,
    unreadCount: 0,
    lastMessage,
    version: 0,
  };
}

const unknownGroup = { pictureUrl: null, participantCount: 0, isMember: true, unreadMentions: 0 };

function clientOfMessage(list: ChatList, { data }: DurableFrame<"new_message">): Client | null {
  const { Client: sender } = data;
  if (!sender) return null;
  const known = list.items.find(({ client }) => client?.id === sender.Id)?.client;
  return (
    known ?? {
      id: sender.Id ?? "",
      name: sender.Name,
      whatsappNumber: sender.WhatsApp_Number || null,
      profilePictureUrl: null,
      lastContactAt: data.timestamp,
      version: 0,
    }
  );
}

const isOf = ({ client }: Chat, other: Client | undefined): boolean =>
  client !== null && other !== undefined && client.id === other.id;

/** Applies the early events of a chat that has just been added, and of its client. */
function applyEarly(list: ChatList, added: Chat): ChatList {
  const isAbout = (frame: DurableFrame) =>
    frame.type === "chat_update" ? frame.data.Id === added.id : isOf(added, clientIn(frame));
  const early = list.early.filter((frame) => !isAbout(frame));
  return list.early.filter(isAbout).reduce((before, frame) => applyToChats(before, "", frame), { ...list, early });
}
