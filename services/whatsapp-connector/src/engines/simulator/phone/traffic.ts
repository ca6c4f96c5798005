import { Conversation, type Step } from "../script/conversation.ts";
import type { PhoneMemory } from "./memory.ts";
import { numberOf, type Phone } from "./phone.ts";
import type { Timers } from "./timers.ts";

/** Emits the scripted conversations of a phone's customers, and their answers to agents. */
export class Traffic {
  private readonly conversation: Conversation;
  private messagesPerMinute: number;
  private isRunning = false;
  private cancelNext: (() => void) | undefined;
  private answered = 0;
  /** The next message; kept when the rate changes or the traffic pauses. */
  private upcoming: Step | undefined;

  constructor(
    options: { seed: string; messagesPerMinute: number },
    private readonly memory: PhoneMemory,
    private readonly phone: Phone,
    private readonly timers: Timers,
  ) {
    this.messagesPerMinute = options.messagesPerMinute;
    this.conversation = new Conversation(options.seed, memory.remembered.conversation ?? undefined);
  }

  start(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.plan();
  }

  stop(): void {
    this.isRunning = false;
    this.cancelNext?.();
  }

  setRate(messagesPerMinute: number): void {
    this.messagesPerMinute = messagesPerMinute;
    this.cancelNext?.();
    if (this.isRunning) this.plan();
  }

  /** Call when the customer has read a message from an agent. */
  answer(waChatId: string): void {
    if (this.messagesPerMinute === 0) return;
    this.answered += 1;
    const step = this.conversation.answer(numberOf(waChatId), this.answered);
    if (step) this.write(step, step.typingMs);
  }

  private plan(): void {
    if (this.messagesPerMinute === 0) return;
    const gapMs = 60_000 / this.messagesPerMinute;
    this.upcoming ??= this.conversation.next();
    const step = this.upcoming;
    const typingMs = Math.min(step.typingMs, gapMs / 2);
    this.cancelNext = this.timers.after(Math.max(0, gapMs * step.pause - typingMs), () => {
      this.cancelNext = this.write(step, typingMs, () => {
        this.upcoming = undefined;
        this.memory.remembered.conversation = this.conversation.snapshot();
        this.plan();
      });
    });
  }

  private write(step: Step, typingMs: number, then: () => void = () => undefined): () => void {
    const { number, name } = step.customer;
    this.phone.typing(number, "composing");
    return this.timers.after(typingMs, () => {
      this.phone.typing(number, "paused");
      this.phone.message({ from: number, name, body: step.body, file: step.file });
      then();
    });
  }
}
