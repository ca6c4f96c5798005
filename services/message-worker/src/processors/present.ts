import type { Message } from "@syszap/contracts";
import type { Change } from "@syszap/database";

/** A fact came before its message. The queue tries again: the message is usually just behind it. */
class MessageAbsentError extends Error {
  override readonly name = "MessageAbsentError";
  constructor() {
    super("the message that this is about is not stored yet");
  }
}

/** Undefined when the fact changed nothing. Throws while its message is not there. */
export function present(change: Change): Message | undefined {
  if (change === "absent") throw new MessageAbsentError();
  return change;
}
