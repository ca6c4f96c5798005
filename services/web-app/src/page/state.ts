import { type ChatList, withChat } from "../live/chat-cache.ts";
import { Composing } from "../live/composer-modes.ts";
import { type MessageList, withMessage } from "../live/message-cache.ts";
import { OutgoingMessages } from "../live/outgoing.ts";
import { MessageOrders } from "../live/pending-changes.ts";
import { createQueryClient, queryKeys } from "../live/query-client.ts";
import { Traffic } from "../live/traffic.ts";
import { TypingStates } from "../live/typing.ts";
import { api } from "./websocket-service.ts";

/** What the page holds besides the connection; made once, emptied when someone else signs in. */
export const queryClient = createQueryClient();
export const typingStates = new TypingStates();
export const traffic = new Traffic();
/** What was begun in each chat and not sent. */
export const drafts = new Map<string, string>();
export const outgoing = new OutgoingMessages({
  send: api.sendMessage,
  upload: api.upload,
  onSent: (message) =>
    queryClient.setQueryData<MessageList>(
      queryKeys.messages(message.chatId),
      (list) => list && withMessage(list, message),
    ),
});

/** What was asked to be done to messages. */
export const messageOrders = new MessageOrders(api.sendMessage);
/** What the next words of each chat are for. */
export const composing = new Composing();

const markingRead = new Set<string>();
/** Tells WhatsApp and the colleagues; the unread count comes back as an event as well. */
export async function markRead(chatId: string): Promise<void> {
  if (markingRead.has(chatId)) return;
  markingRead.add(chatId);
  try {
    const chat = await api.markRead(chatId);
    if (!chat) return;
    for (const { queryKey } of queryClient.getQueryCache().findAll({ queryKey: ["chats"] }))
      queryClient.setQueryData<ChatList>(queryKey, (list) =>
        list?.items.some((held) => held.id === chatId) ? withChat(list, chat) : list,
      );
  } catch {
    // The count stays; the next message or the next visit tries again.
  } finally {
    markingRead.delete(chatId);
  }
}

export function forgetEverything(): void {
  queryClient.clear();
  outgoing.clear();
  messageOrders.clear();
  composing.clear();
  traffic.clear();
  drafts.clear();
}
