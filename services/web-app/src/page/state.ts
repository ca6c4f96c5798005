import type { Chat, SendMessageInput } from "@syszap/contracts";
import { type ChatList, withChat } from "../live/chat-cache.ts";
import { ComposerModes } from "../live/composer-modes.ts";
import { Drafts } from "../live/drafts.ts";
import { type MessageList, withMessage } from "../live/message-cache.ts";
import { OutgoingMessages } from "../live/outgoing.ts";
import { PendingChanges } from "../live/pending-changes.ts";
import { queryKeys } from "../live/query-client.ts";
import { TypingStates } from "../live/typing.ts";
import { UnsentStorage } from "../live/unsent-storage.ts";
import { api, auth } from "./api.ts";
import { queryClient } from "./query-client.ts";

/** The page's data besides its connection: created once, cleared when the user signs out. */
export const typingStates = new TypingStates();
export const drafts = new Drafts();

/** The server sends a message once per key, so a retry with the same key is safe. */
const sendMessage = (chatId: string, body: SendMessageInput, key: string) =>
  api.call("sendMessage", { params: { id: chatId }, headers: { "idempotency-key": key }, body });

export const outgoing = new OutgoingMessages({
  send: sendMessage,
  upload: (file, options) => api.upload(file, options),
  onSent: (message) =>
    queryClient.setQueryData<MessageList>(
      queryKeys.messages(message.chatId),
      (list) => list && withMessage(list, message),
    ),
});
/** Edits, deletions and reactions that this page requested. */
export const pendingChanges = new PendingChanges(sendMessage);
/** Whether the composer of a chat replies to or edits a message. */
export const composerModes = new ComposerModes();

/** Replaces a chat in the lists that contain it. */
export function storeChat(chat: Chat): void {
  for (const { queryKey } of queryClient.getQueryCache().findAll({ queryKey: ["chats"] }))
    queryClient.setQueryData<ChatList>(queryKey, (list) =>
      list?.items.some((item) => item.id === chat.id) ? withChat(list, chat) : list,
    );
}

const markingRead = new Set<string>();
/** Marks a chat as read for WhatsApp and for colleagues. The new unread count also arrives as an event. */
export async function markRead(chatId: string): Promise<void> {
  if (markingRead.has(chatId)) return;
  markingRead.add(chatId);
  try {
    const chat = await api.call("markChatRead", { params: { id: chatId } });
    if (chat) storeChat(chat);
  } catch {
    // The count stays; the next message or the next visit tries again.
  } finally {
    markingRead.delete(chatId);
  }
}

export function clearPageState(): void {
  queryClient.clear();
  outgoing.clear();
  pendingChanges.clear();
  composerModes.clear();
  typingStates.clear();
}

const unsent = new UnsentStorage();
outgoing.store.subscribe(() => unsent.save(outgoing.store.get()));

let openedFor: string | undefined;
/** Reads what this user wrote and did not send, once per login. */
function openUnsent(userId: string): void {
  if (openedFor === userId) return;
  if (openedFor !== undefined) outgoing.clear();
  openedFor = userId;
  drafts.open(userId);
  const { messages, texts } = unsent.open(userId);
  outgoing.restore(messages);
  for (const { chatId, text } of texts)
    drafts.setText(chatId, [text, drafts.get(chatId).text].filter((each) => each !== "").join("\n"));
}

/** A login that expired leaves the texts on the device for the next login of the user; signing out removes them. */
function followLogin(): void {
  const state = auth.state.get();
  if (state.kind === "signed_in") openUnsent(state.me.userId);
  if (state.kind !== "signed_out") return;
  openedFor = undefined;
  if (state.wasExpired) {
    unsent.close();
    drafts.clear();
  } else {
    unsent.erase();
    drafts.erase();
  }
}

followLogin();
auth.state.subscribe(followLogin);
