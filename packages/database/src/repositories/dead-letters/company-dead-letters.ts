import type { DeadLetter, DeadLetterFilter, Message, Page } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import {
  discardLetter,
  findLetter,
  type LetterPage,
  listLetters,
  redriveLetter,
  redriveLetters,
} from "./dead-letter-repository.ts";
import type { NewDeadLetter } from "./dead-letter-row.ts";
import { addDeadLetter } from "./new-dead-letter.ts";
import { queueAgain, settleSent } from "./sent-again.ts";

/** What of this company could not be processed. Letters that name no company are the operator's alone. */
export class DeadLetterRepository {
  constructor(private readonly scope: Scope) {}

  /** In the transaction that gives up what it is about. False when this failure was written down before. */
  add(letter: Omit<NewDeadLetter, "companyId">): Promise<boolean> {
    return addDeadLetter(this.scope.db, { ...letter, companyId: this.scope.companyId });
  }

  /** Newest first. */
  list({ before, limit, ...filter }: LetterPage & DeadLetterFilter): Promise<Page<DeadLetter>> {
    return listLetters(this.scope.db, { ...filter, companyId: this.scope.companyId }, { before, limit });
  }

  find(id: string): Promise<DeadLetter | undefined> {
    return findLetter(this.scope.db, this.own, id);
  }

  /** Asks for one more run; a worker puts the job back within about a second. Undefined unless it rests and can be run. */
  redrive(id: string): Promise<DeadLetter | undefined> {
    return redriveLetter(this.scope.db, this.own, id);
  }

  /** The oldest first. */
  redriveAll(filter: Omit<DeadLetterFilter, "state">, limit: number) {
    return redriveLetters(this.scope.db, { ...filter, ...this.own }, limit);
  }

  /** For good. Undefined unless it rests. */
  discard(id: string, note: string): Promise<DeadLetter | undefined> {
    return discardLetter(this.scope.db, this.own, { id, note });
  }

  /** Queues the message of a letter again, once for each time that it was asked for; undefined when there is nothing to send. */
  sendAgain(letterId: string): Promise<Message | undefined> {
    return queueAgain(this.scope, letterId);
  }

  /** What became of messages that were queued again: their letters are solved, or rest once more. */
  settleSent(): Promise<void> {
    return settleSent(this.scope);
  }

  private get own() {
    return { companyId: this.scope.companyId };
  }
}
