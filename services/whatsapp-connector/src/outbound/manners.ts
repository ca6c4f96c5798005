import type { OutgoingMessage } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { pause, withTimeout } from "@syszap/platform/async";
import type { Engine } from "../engines/contract/engine.ts";
import type { TypingPace } from "./times.ts";

/** A page that is slow to show it must not hold up the message itself. */
const askedForMs = 1_500;

/** As a person would: the chat is read, somebody types for as long as that takes within bounds, then comes the message. */
export class Manners {
  constructor(
    private readonly pace: TypingPace,
    private readonly given: { engine(): Engine; log: Logger },
  ) {}

  /** Resolves when the message may follow, at once when `signal` aborts. What fails here fails nothing. */
  async before({ waChatId, body }: OutgoingMessage, signal: AbortSignal): Promise<void> {
    const { perCharacterMs, leastMs, mostMs } = this.pace;
    await this.show(() => this.given.engine().markRead(waChatId));
    await this.show(() => this.given.engine().setTyping(waChatId, "composing"));
    await pause(Math.min(Math.max(body.length * perCharacterMs, leastMs), mostMs), signal);
  }

  private async show(what: () => Promise<void>): Promise<void> {
    try {
      await withTimeout(what(), { timeoutMs: askedForMs, error: "showing that somebody is there" });
    } catch (err) {
      this.given.log.debug({ err }, "manners not shown");
    }
  }
}
