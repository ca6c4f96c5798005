import type { Chat, Message } from "@syszap/contracts";
import { direction as directions } from "@syszap/contracts/constants";
import { useState } from "react";
import type { UnreadLine } from "./rows.ts";

interface UnreadLineInput {
  chat: Chat | undefined;
  messages: readonly Message[] | undefined;
  isVisible: boolean;
  /** Number of messages that the user is sending. */
  pendingCount: number;
}

/** What was unread when the user began to look at the chat. */
interface Found {
  count: number;
  newestId: string | undefined;
}

/**
 * Where the user stopped reading: before the messages that were unread when the chat was opened, or when its tab became visible
 * again. The line stays while they are read, and disappears when the user answers.
 */
export function useUnreadLine({ chat, messages, isVisible, pendingCount }: UnreadLineInput): UnreadLine | undefined {
  const [found, setFound] = useState<Found>();
  const [line, setLine] = useState<UnreadLine>();
  // State that follows from props is changed while rendering, so that the list is never shown without the line.
  if (!isVisible && found) setFound(undefined);
  if (isVisible && !found && chat) {
    setFound({ count: chat.unreadCount, newestId: chat.lastMessage?.id });
    if (chat.unreadCount > 0) setLine(undefined);
  }
  if (pendingCount > 0 && line) setLine(undefined);
  const isWanted = found !== undefined && found.count > 0 && messages !== undefined;
  if (isWanted) {
    setFound({ ...found, count: 0 });
    const messageId = pendingCount === 0 ? firstUnread(messages, found) : undefined;
    if (messageId !== undefined) setLine({ messageId, count: found.count });
  }
  return line;
}

/** The first of the unread messages, counted back from the newest one. Undefined if it is not loaded. */
function firstUnread(messages: readonly Message[], { count, newestId }: Found): string | undefined {
  const newest = messages.findLastIndex(({ id }) => id === newestId);
  let left = count;
  for (let index = newest < 0 ? messages.length - 1 : newest; index >= 0; index -= 1) {
    const message = messages[index];
    if (!message || !countsAsUnread(message)) continue;
    left -= 1;
    if (left === 0) return message.id;
  }
  return undefined;
}

/** Same as on the server: notes of WhatsApp are never unread. */
const countsAsUnread = ({ direction, content }: Message): boolean =>
  direction === directions.in && content?.note === undefined;
