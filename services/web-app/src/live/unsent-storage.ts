import { ApiError } from "../api/api-error.ts";
import type { MessageExtras, Outgoing } from "./outgoing.ts";

const storageKey = "syszap.unsent";
/** A page that was reloaded sends its newest messages again by itself; for older ones the user decides. */
const maxResendAgeMs = 10 * 60_000;

interface StoredMessage extends Omit<MessageExtras, "file"> {
  key: string;
  chatId: string;
  body: string;
  createdAt: string;
  /** The file was not uploaded, and a reload loses it. */
  hasLostFile: boolean;
  failure: Pick<ApiError, "status" | "problem"> | undefined;
}

interface Restored {
  messages: Outgoing[];
  /** Messages whose file was lost. Their texts become drafts. */
  texts: { chatId: string; text: string }[];
}

/** The messages of this tab that the server has not confirmed. They survive a reload, with the keys of their first attempts. */
export class UnsentStorage {
  private userId: string | undefined;

  /** Starts to store messages of this user, and returns those that an earlier page left. */
  open(userId: string): Restored {
    this.userId = userId;
    const stored = read(userId);
    return {
      messages: stored.filter(({ hasLostFile }) => !hasLostFile).map(restore),
      texts: stored.flatMap(({ hasLostFile, chatId, body }) =>
        hasLostFile && body !== "" ? { chatId, text: body } : [],
      ),
    };
  }

  save(messages: readonly Outgoing[]): void {
    if (this.userId === undefined) return;
    const stored = messages.filter(({ isInConversation }) => !isInConversation).map(toStored);
    try {
      if (stored.length === 0) sessionStorage.removeItem(storageKey);
      else sessionStorage.setItem(storageKey, JSON.stringify({ userId: this.userId, messages: stored }));
    } catch {
      // No space: the browser asks before it closes a page with unsent messages.
    }
  }

  /** Stops to store. What is stored stays for the next login of the same user. */
  close(): void {
    this.userId = undefined;
  }

  erase(): void {
    this.close();
    sessionStorage.removeItem(storageKey);
  }
}

function read(userId: string): StoredMessage[] {
  try {
    const stored = JSON.parse(sessionStorage.getItem(storageKey) ?? "null");
    return stored?.userId === userId ? stored.messages : [];
  } catch {
    return [];
  }
}

function toStored({ file, progress: _, isInConversation: __, failure, ...message }: Outgoing): StoredMessage {
  const { status, problem } = failure ?? {};
  return {
    ...message,
    hasLostFile: file !== undefined && message.media === undefined,
    failure: status === undefined ? undefined : { status, problem: problem ?? {} },
  };
}

function restore({ hasLostFile: _, failure, ...message }: StoredMessage): Outgoing {
  const isOld = Date.now() - Date.parse(message.createdAt) > maxResendAgeMs;
  const shown = failure ?? (isOld ? { status: 0, problem: {} } : undefined);
  return {
    ...message,
    progress: 1,
    isInConversation: false,
    failure: shown && new ApiError(shown.status, shown.problem),
    waitsForUser: isOld,
  };
}
