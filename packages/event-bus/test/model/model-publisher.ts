import { wholeCompany } from "@syszap/contracts";
import type { NumberedEvent, Oracle, Random } from "@syszap/testing/oracle";
import { rowsToCheck, windowMs } from "../../src/replay/survival-check.ts";
import type { ModelRedis } from "./model-redis.ts";
import type { Rule } from "./rules.ts";

interface ModelParts {
  redis: ModelRedis;
  outbox: ModelOutbox;
  oracle: Oracle;
  random: Random;
  off: ReadonlySet<Rule>;
}
const eventCount = 10;

/** Recently published rows, oldest first. Each new event advances the clock by one tick. */
export class ModelOutbox {
  private readonly markedAt = new Map<NumberedEvent, number>();
  private clock = 0;

  constructor(private readonly remembered: number) {}

  /** An event that was published again after a loss counts as published now. */
  mark(event: NumberedEvent): void {
    if (!this.markedAt.delete(event)) this.clock += 1;
    this.markedAt.set(event, this.clock);
    for (const [row, at] of this.markedAt) if (at <= this.clock - this.remembered) this.markedAt.delete(row);
  }

  /** Calls the real function, with a window that equals `remembered` ticks. */
  eventsToCheck(): NumberedEvent[] {
    const tickMs = windowMs / this.remembered;
    const rows = [...this.markedAt].map(([event, at]) => ({ event, publishedAt: new Date(at * tickMs) }));
    return rowsToCheck(rows, this.clock * tickMs).map(({ event }) => event);
  }

  recentlyPublished(): NumberedEvent[] {
    return [...this.markedAt.keys()];
  }
}

/** Publishes its events one after the other and retries each until Redis replies. Replays the outbox after a restart of Redis. */
export class ModelPublisher {
  private publishedCount = 0;
  private current: NumberedEvent | undefined;
  private reply: (() => void) | undefined;
  private replaying: NumberedEvent[] = [];
  /** Events that must have survived, or else the log starts anew. */
  private toCheck: NumberedEvent[] = [];

  constructor(
    private readonly name: string,
    private readonly parts: ModelParts,
  ) {}

  get isDone(): boolean {
    return this.publishedCount === eventCount && this.current === undefined && this.replaying.length === 0;
  }

  /** The remaining events of an earlier call go first: they may be older than the events of the outbox. */
  publishAgain(events: readonly NumberedEvent[]): void {
    this.replaying = [...new Set([...this.replaying, ...events])];
    this.toCheck.push(...this.parts.outbox.eventsToCheck());
  }

  /** The reply of Redis is lost: the event may or may not be published. */
  loseReply(): void {
    this.reply = undefined;
  }

  actions(mayPublish: boolean): (() => void)[] {
    const actions: (() => void)[] = [];
    if (this.replaying.length > 0) actions.push(() => this.replayOne());
    if (this.reply) actions.push(this.reply);
    else if (this.current) actions.push(() => this.send());
    else if (mayPublish && this.publishedCount < eventCount) actions.push(() => this.publishNext());
    return actions;
  }

  private publishNext(): void {
    const { random, oracle } = this.parts;
    this.publishedCount += 1;
    const audience = random.chance(0.3)
      ? ({ kind: "user", userId: random.pick(["ana", "ben"]) } as const)
      : wholeCompany;
    const id = `${this.name}-${this.publishedCount}`;
    this.current = { id, companyId: "acme", publisher: this.name, number: this.publishedCount, audience };
    oracle.recordPublication(this.current);
    this.send();
  }

  private send(): void {
    const event = this.current;
    if (!event) return;
    this.parts.redis.publish(event);
    this.reply = () => {
      this.parts.outbox.mark(event);
      this.current = undefined;
      this.reply = undefined;
    };
  }

  private replayOne(): void {
    const { redis, off, outbox } = this.parts;
    const event = this.replaying.shift();
    if (!event) return;
    const ids = this.toCheck.splice(0).map(({ id }) => id);
    if (!off.has("a log without its oldest events starts anew") && redis.restartUnlessKnown(ids)) {
      // The restart also deleted events that were published after the list was made.
      this.publishAgain(outbox.recentlyPublished());
      this.toCheck = [];
    }
    if (redis.publish(event)) outbox.mark(event);
  }
}
