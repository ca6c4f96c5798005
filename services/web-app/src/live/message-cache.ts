import type { DurableFrame } from "@syszap/client";
import type { Message, MessageStatus, Page } from "@syszap/contracts";
import { previewLength } from "@syszap/contracts/constants";
import { fileOf, messageOf } from "./event-mapping.ts";
import { emptyList, keepEarly, type List, mergeItems, placeItem, replaceItem } from "./list.ts";

/**
 * Status and content of a message arrive in separate events, so each has its own version. With one version, a status that is
 * published after a later edit would be dropped. `version` belongs to the content.
 */
export interface MessageRow extends Message {
  statusVersion: number;
}

/** The loaded part of a chat: a window of its messages, oldest first. */
export interface MessageList extends List<MessageRow> {
  /** Newer messages exist that are not loaded, so events of new messages do not belong here. */
  hasNewer?: boolean;
}

interface MessagePage extends Page<Message> {
  /** Absent: false. */
  hasNewer?: boolean;
}

/** Bounds a chat that is not open but receives messages. */
const maxRows = 2_000;

const rank: { [Status in MessageStatus]: number } = { queued: 0, failed: 1, sent: 2, delivered: 3, read: 4, played: 5 };

const toRow = (message: Message): MessageRow => ({ ...message, statusVersion: message.version });

/** Sorts in WhatsApp's order. Messages of an older server, which does not send that order, are sorted by time. */
const bySource = (a: MessageRow, b: MessageRow): number => {
  if (a.sourceOrder !== "" && b.sourceOrder !== "" && a.sourceOrder !== b.sourceOrder)
    return a.sourceOrder < b.sourceOrder ? -1 : 1;
  return a.timestamp.localeCompare(b.timestamp) || a.id.localeCompare(b.id);
};

function mergeRows(held: MessageRow, read: MessageRow): MessageRow {
  const content = read.version > held.version ? read : held;
  const status = read.statusVersion > held.statusVersion ? read : held;
  return {
    ...content,
    ...(read.quoted && { quoted: read.quoted }), // the original has changed without a new version of the reply
    sourceOrder: content.sourceOrder || held.sourceOrder || read.sourceOrder,
    status: status.status,
    failureReason: status.failureReason,
    statusVersion: status.statusVersion,
  };
}

const withPage = (list: MessageList, { items }: MessagePage): MessageList => ({
  ...list,
  items: mergeItems(list.items, items.map(toRow), mergeRows).sort(bySource),
});

/** Adds the page before the loaded messages, or the first page. */
export const withMessages = (list: MessageList, page: MessagePage): MessageList => ({
  ...withPage(list, page),
  next: page.next,
});

/** Adds the page after the loaded messages. */
export const withNewerMessages = (list: MessageList, page: MessagePage): MessageList => ({
  ...withPage(list, page),
  hasNewer: page.hasNewer ?? false,
});

/** The page at another place of the chat. */
export const windowOf = (page: MessagePage): MessageList => withNewerMessages(withMessages(emptyList(), page), page);

/** Keeps the messages from one index up to another. The others are read again when the user scrolls to them. */
export function trimmed(list: MessageList, from: number, to: number): MessageList {
  const items = list.items.slice(Math.max(0, from), to);
  const [oldest] = items;
  return {
    ...list,
    items,
    next: from > 0 && oldest ? oldest.id : list.next,
    hasNewer: list.hasNewer || to < list.items.length,
  };
}

/** Adds the message from the answer to a send request. */
export function withMessage(list: MessageList, message: Message): MessageList {
  return insert(list, toRow(message));
}

/** Applies an event to the messages of a chat. Events of other chats change nothing. */
export function applyToMessages(list: MessageList, chatId: string, frame: DurableFrame): MessageList {
  switch (frame.type) {
    case "new_message":
      return frame.data.Chat_Id === chatId ? insert(list, toRow(messageOf(frame.data, frame.version))) : list;
    case "message_status":
    case "message_update":
      if (frame.data.Chat_Id !== chatId) return list;
      return list.items.some((item) => item.id === frame.data.Id)
        ? changeQuotes(change(list, frame), frame)
        : keepEarly(changeQuotes(list, frame), frame);
    default:
      return list;
  }
}

type Change = DurableFrame<"message_status" | "message_update">;

function change(list: MessageList, frame: Change): MessageList {
  const items = replaceItem(
    list.items,
    (item) => item.id === frame.data.Id,
    (item) => changed(item, frame),
  );
  return items === list.items ? list : { ...list, items };
}

/** An edit or a deletion of a message also changes the replies that quote it. Quotes have no version: a deletion is final. */
function changeQuotes(list: MessageList, frame: Change): MessageList {
  if (frame.type !== "message_update" || !["edited", "revoked"].includes(frame.data.Change)) return list;
  const { Id, Body, Revoked_At } = frame.data;
  const body = Body.slice(0, previewLength);
  const items = replaceItem(
    list.items,
    ({ quoted }) => quoted?.id === Id && !quoted.revokedAt && (quoted.body !== body || Revoked_At !== null),
    (item) => (item.quoted ? { ...item, quoted: { ...item.quoted, body, revokedAt: Revoked_At } } : item),
  );
  return items === list.items ? list : { ...list, items };
}

function changed(row: MessageRow, frame: Change): MessageRow {
  if (frame.type === "message_status") {
    const { Status, Reason } = frame.data;
    const isForward = row.status === null || rank[Status] >= rank[row.status];
    if (frame.version <= row.statusVersion || !isForward) return row;
    const failureReason = Status === "failed" ? (Reason ?? null) : null;
    return { ...row, status: Status, failureReason, statusVersion: frame.version };
  }
  if (frame.version <= row.version) return row;
  const { Body, Edited_At, Revoked_At, Reactions, Content } = frame.data;
  const { missingMedia, content, ...rest } = row;
  const fileAndContent =
    frame.data.Media === undefined // an older server does not send them
      ? { media: row.media, ...(missingMedia && { missingMedia }), ...(content && { content }) }
      : { ...fileOf(frame.data), ...(Content && { content: Content }) };
  return {
    ...rest,
    ...fileAndContent,
    body: Body,
    editedAt: Edited_At,
    revokedAt: Revoked_At,
    reactions: Reactions,
    version: frame.version,
  };
}

function insert(list: MessageList, row: MessageRow): MessageList {
  const isEarly = (frame: DurableFrame) => "Id" in frame.data && frame.data.Id === row.id;
  const early = list.early.filter(isEarly);
  const index = list.items.findLastIndex(({ id }) => id === row.id);
  const held = list.items[index];
  const newest = list.items.at(-1);
  if (!held && list.hasNewer && newest && bySource(row, newest) > 0) return list;
  if (list.items.length >= maxRows) return insert(trimmed(list, maxRows / 2, list.items.length), row);
  const items = placeItem(list.items, index, held ? mergeRows(held, row) : row, bySource);
  const inserted = { ...list, items, early: early.length > 0 ? list.early.filter((f) => !isEarly(f)) : list.early };
  return early.reduce((before, frame) => change(before, frame as Change), inserted);
}
