import type { OutgoingMessage } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { pause, withTimeout } from "@syszap/platform/async";
import type { Engine } from "../engines/contract/engine.ts";
import type { TypingPace } from "./times.ts";

/** Limit for each call to the engine. A slow page must not delay the message. */
const callTimeoutMs = 1_500;

/** Imitates a person before a message is sent: marks the chat as read and shows "typing" for a time that depends on the text. */
export class HumanPacing {
  constructor(
    private readonly pace: TypingPace,
    private readonly dependencies: { engine(): Engine; log: Logger },
  ) {}

  /** Resolves when the message may be sent, or at once when `signal` aborts. Never rejects. */
  async before({ waChatId, body }: OutgoingMessage, signal: AbortSignal): Promise<void> {
    const { perCharacterMs, leastMs, mostMs } = this.pace;
    await this.tryCall(() => this.dependencies.engine().markRead(waChatId));
    await this.tryCall(() => this.dependencies.engine().setTyping(waChatId, "composing"));
    await pause(Math.min(Math.max(body.length * perCharacterMs, leastMs), mostMs), signal);
  }

  private async tryCall(call: () => Promise<void>): Promise<void> {
    try {
      await withTimeout(call(), { timeoutMs: callTimeoutMs, error: "showing a person's activity" });
    } catch (err) {
      this.dependencies.log.debug({ err }, "activity of a person not shown");
    }
  }
}
