import { wholeCompany } from "@syszap/contracts";
import type { NumberedEvent, Oracle, Random } from "@syszap/testing/oracle";
import { windowMs, witnesses } from "../../src/replay/witnesses.ts";
import type { ModelRedis } from "./model-redis.ts";
import type { Rule } from "./rules.ts";

interface Around {
  redis: ModelRedis;
  outbox: ModelOutbox;
  oracle: Oracle;
  random: Random;
  off: ReadonlySet<Rule>;
}
const eventCount = 10;

/** Rows that were published lately, oldest first; older ones are gone. Each new event is one tick of its clock. */
export class ModelOutbox {
  private readonly markedAt = new Map<NumberedEvent, number>();
  private clock = 0;

  constructor(private readonly remembered: number) {}

  /** An event that was lost and is published again counts as published now; one that had survived keeps its time. */
  mark(event: NumberedEvent): void {
    if (!this.markedAt.delete(event)) this.clock += 1;
    this.markedAt.set(event, this.clock);
    for (const [row, at] of this.markedAt) if (at <= this.clock - this.remembered) this.markedAt.delete(row);
  }

  /** By the real decision, whose window is as long as this one. */
  witnesses(): NumberedEvent[] {
    const tickMs = windowMs / this.remembered;
    const rows = [...this.markedAt].map(([event, at]) => ({ event, publishedAt: new Date(at * tickMs) }));
    return witnesses(rows, this.clock * tickMs).map(({ event }) => event);
  }

  publishedLately(): NumberedEvent[] {
    return [...this.markedAt.keys()];
  }
}

/** Says its events one after the other, each until it is answered; keeps the last ones for a Redis that comes back as another. */
export class ModelPublisher {
  private said = 0;
  private current: NumberedEvent | undefined;
  private reply: (() => void) | undefined;
  private again: NumberedEvent[] = [];
  /** Rows that must have survived, for each list that is being published again. */
  private witnesses: NumberedEvent[] = [];

  constructor(
    private readonly name: string,
    private readonly around: Around,
  ) {}

  get isDone(): boolean {
    return this.said === eventCount && this.current === undefined && this.again.length === 0;
  }

  /** What an earlier call has not come to yet goes first: it may be older than what the outbox still holds. */
  publishAgain(events: readonly NumberedEvent[]): void {
    this.again = [...new Set([...this.again, ...events])];
    this.witnesses.push(...this.around.outbox.witnesses());
  }

  /** The event may be published, and its publisher does not know. */
  loseReply(): void {
    this.reply = undefined;
  }

  actions(maySpeak: boolean): (() => void)[] {
    const actions: (() => void)[] = [];
    if (this.again.length > 0) actions.push(() => this.repeatOne());
    if (this.reply) actions.push(this.reply);
    else if (this.current) actions.push(() => this.send());
    else if (maySpeak && this.said < eventCount) actions.push(() => this.speak());
    return actions;
  }

  private speak(): void {
    const { random, oracle } = this.around;
    this.said += 1;
    const audience = random.chance(0.3)
      ? ({ kind: "user", userId: random.pick(["ana", "ben"]) } as const)
      : wholeCompany;
    const id = `${this.name}-${this.said}`;
    this.current = { id, companyId: "acme", publisher: this.name, number: this.said, audience };
    oracle.recordPublication(this.current);
    this.send();
  }

  private send(): void {
    const event = this.current;
    if (!event) return;
    this.around.redis.publish(event);
    this.reply = () => {
      this.around.outbox.mark(event);
      this.current = undefined;
      this.reply = undefined;
    };
  }

  private repeatOne(): void {
    const { redis, off, outbox } = this.around;
    const event = this.again.shift();
    if (!event) return;
    const witnesses = this.witnesses.splice(0).map(({ id }) => id);
    if (!off.has("a log without the oldest begins anew") && redis.restartUnlessKnown(witnesses)) {
      // The restart took with it what was published since the list was made.
      this.publishAgain(outbox.publishedLately());
      this.witnesses = [];
    }
    if (redis.publish(event)) outbox.mark(event);
  }
}
