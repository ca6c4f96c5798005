import type { ControlCommand, Cursor } from "@syszap/contracts";
import type { Publication } from "./chain.ts";

/** Callbacks of a `Subscriber`. */
export interface SubscriberEvents {
  /** Called in log order, once per publication. */
  publication(companyId: string, publication: Publication): void;
  /** Resolves when the company's clients can take more. Limits the memory for publications that were missed on a lost link. */
  room?(companyId: string): Promise<void>;
  /** For all clients of all companies. */
  announcement(publication: Publication): void;
  resync(companyId: string, reason: string, cursor: Cursor): void;
  controlCommand(command: ControlCommand): void;
  /** Control commands may have been missed: every open connection must be checked again. */
  controlCommandsLost(): void;
}
