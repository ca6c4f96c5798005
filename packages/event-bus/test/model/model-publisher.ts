import { type Audience, wholeCompany } from "@syszap/contracts";
import type { NumberedEvent, Oracle, Random } from "@syszap/testing/oracle";
import { isLossWithinWindow, rowsToCheck, windowMs } from "../../src/replay/survival-check.ts";
import type { ModelRedis } from "./model-redis.ts";
import type { Rule } from "./rules.ts";

interface ModelParts {
  redis: ModelRedis;
  outbox: ModelOutbox;
  oracle: Oracle;
  random: Random;
  off: ReadonlySet<Rule>;
  /** True: some events are for a team. The seeds of the proofs were found without. */
  hasTeams: boolean;
}
const eventCount = 10;

function someAudience(random: Random, hasTeams: boolean): Audience {
  if (random.chance(0.3)) return { kind: "user", userId: random.pick(["ana", "ben"]) };
  if (hasTeams && random.chance(0.5))
    return { kind: "reach", teams: ["sales"], users: random.chance(0.5) ? ["ben"] : [] };
  return wholeCompany;
}

/** Recently published rows, oldest first. Each new event advances the clock by one tick. */
export class ModelOutbox {
  private readonly markedAt = new Map<NumberedEvent, number>();
  clock = 0;

  constructor(private readonly remembered: number) {}

  mark(event: NumberedEvent): void {
    this.clock += 1;
    this.markedAt.set(event, this.clock);
    for (const [row, at] of this.markedAt) if (at <= this.clock - this.remembered) this.markedAt.delete(row);
  }

  /** Calls the real function, with a window that equals `remembered` ticks. */
  isLossWithin(completeAt: number): boolean {
    return isLossWithinWindow(completeAt * this.tickMs, this.clock * this.tickMs);
  }

  /** As in `isLossWithin`. */
  eventsToCheck(): NumberedEvent[] {
    const rows = [...this.markedAt].map(([event, at]) => ({ event, publishedAt: new Date(at * this.tickMs) }));
    return rowsToCheck(rows, this.clock * this.tickMs).map(({ event }) => event);
  }

  private get tickMs(): number {
    return windowMs / this.remembered;
  }

  recentlyPublished(): NumberedEvent[] {
    return [...this.markedAt.keys()];
  }
}

/** One replay after a change of Redis. It does not notice when Redis changes again meanwhile. */
interface Run {
  identity: number;
  completeAt: number;
  /** Undefined until the rows are read. */
  rows: NumberedEvent[] | undefined;
}

/** Publishes its events one after the other and retries each until Redis replies. Replays the outbox after a restart of Redis. */
export class ModelPublisher {
  private publishedCount = 0;
  private current: NumberedEvent | undefined;
  private reply: (() => void) | undefined;
  private readonly runs: Run[] = [];

  constructor(
    private readonly name: string,
    private readonly parts: ModelParts,
  ) {}

  get isDone(): boolean {
    return this.publishedCount === eventCount && this.current === undefined && this.runs.length === 0;
  }

  /** Starts a replay for the present Redis, after the replay that is still running. */
  publishAgain(): void {
    const { redis, outbox } = this.parts;
    this.runs.push({ identity: redis.identity, completeAt: outbox.clock, rows: undefined });
  }

  /** The reply of Redis is lost: the event may or may not be published. */
  loseReply(): void {
    this.reply = undefined;
  }

  actions(mayPublish: boolean): (() => void)[] {
    const actions: (() => void)[] = [];
    const run = this.runs[0];
    if (run) actions.push(() => this.replay(run));
    if (this.reply) actions.push(this.reply);
    else if (this.current) actions.push(() => this.send());
    else if (mayPublish && this.publishedCount < eventCount) actions.push(() => this.publishNext());
    return actions;
  }

  private publishNext(): void {
    const { random, oracle } = this.parts;
    this.publishedCount += 1;
    const audience = someAudience(random, this.parts.hasTeams);
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

  /** Takes one step of a replay: reads the rows, publishes one of them, or writes the marker. */
  private replay(run: Run): void {
    const { redis } = this.parts;
    run.rows ??= this.rowsToReplay(run);
    const event = run.rows.shift();
    if (event) {
      redis.publish(event);
      return;
    }
    redis.writeMarker(run);
    this.runs.shift();
  }

  private rowsToReplay(run: Run): NumberedEvent[] {
    const { redis, off, outbox } = this.parts;
    run.completeAt = outbox.clock;
    if (!off.has("a Redis that lost too much starts a new log") && !this.isLossWithinWindow()) redis.startNewLog();
    return outbox.recentlyPublished();
  }

  private isLossWithinWindow(): boolean {
    const { redis, off, outbox } = this.parts;
    if (off.has("a loss is measured by the marker")) return redis.knowsAll(outbox.eventsToCheck());
    return outbox.isLossWithin(redis.completeAt);
  }
}
