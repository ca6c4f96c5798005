import type { EngineFact } from "./facts.ts";

export interface ListedChat {
  /** The engine's id of the chat, for `readHistory`. */
  chat: string;
  /** The chat's id in facts. Absent: the same as `chat`. */
  waChatId?: string;
  newestMs: number;
  /** Number of unread messages, as WhatsApp shows it. Null: the engine does not know. */
  unread: number | null;
  /** The owner marked the chat as unread by hand. `unread` is 0 then. */
  isMarkedUnread?: boolean;
}

export interface HistoryRequest {
  chat: string;
  /** Where the previous page of the chat ended. Null: begin at the newest message. */
  before: string | null;
  /** Number of unread messages before that position. */
  unread: number;
  sinceMs: number;
  /** At most `sinceMs`. */
  changesFromMs: number;
}

export interface HistoryPage {
  /** Oldest first. Messages of the same second are never spread over two pages, so they keep their order. */
  facts: EngineFact[];
  /** Where the next page begins. Null: nothing older is requested. */
  before: string | null;
  unread: number;
}
