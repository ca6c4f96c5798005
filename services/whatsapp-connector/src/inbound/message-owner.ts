import type { Direction } from "@syszap/contracts";

/** Identifies a message of a session. */
export interface MessageOwner {
  companyId: string;
  sessionId: string;
  direction: Direction;
  waKey: string;
  /** Decides between messages of two contacts with the same key. */
  waChatId?: string;
}
