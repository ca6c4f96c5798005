import type { DurableEvent } from "@syszap/contracts";
import { nextEvent } from "./event.ts";
import { PublishesInFlight } from "./publishes-in-flight.ts";

interface PacedOptions {
  publish: (companyId: string, event: DurableEvent) => Promise<unknown>;
  companyIds: readonly string[];
  perSecond: number;
}

const tickMs = 1;
/** Maximum number of events per tick. After a delay, the publisher catches up by at most this many events. */
const maxPerTick = 200;
/** Maximum number of unconfirmed events. At this limit the rate is not reached, which `published` shows. */
const maxInFlight = 5_000;

/** Publishes at a constant rate to all companies in turn, independent of the speed of the readers. */
export class PacedLoad {
  published = 0;
  private due = 0;
  private readonly publishing = new PublishesInFlight();
  private tickedAt = performance.now();
  private readonly timer = setInterval(() => this.tick(), tickMs);

  constructor(private readonly options: PacedOptions) {}

  /** Publishes no further events. Resolves when Redis has confirmed all; rejects if one was not published. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.publishing.settled();
  }

  private tick(): void {
    const now = performance.now();
    this.due = Math.min(this.due + ((now - this.tickedAt) / 1_000) * this.options.perSecond, maxPerTick);
    this.tickedAt = now;
    for (; this.due >= 1 && this.publishing.inFlight < maxInFlight; this.due -= 1) this.publishNext();
  }

  private publishNext(): void {
    const { publish, companyIds } = this.options;
    this.published += 1;
    this.publishing.add(publish(companyIds[this.published % companyIds.length] ?? "", nextEvent()));
  }
}
