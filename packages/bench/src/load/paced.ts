import type { DurableEvent } from "@syszap/contracts";
import { nextEvent } from "./event.ts";

interface PacedOptions {
  publish: (companyId: string, event: DurableEvent) => Promise<unknown>;
  companyIds: readonly string[];
  perSecond: number;
}

const tickMs = 1;
/** Events that one tick makes up for at most: a publisher that was held up must not become a burst without end. */
const maxPerTick = 200;
/** Not yet taken by Redis. Beyond it the rate is not reached, which the count tells. */
const maxInFlight = 5_000;

/** Publishes at an even rate, to each company in turn, whether or not anybody keeps up. */
export class PacedLoad {
  published = 0;
  private due = 0;
  private inFlight = 0;
  private tickedAt = performance.now();
  private readonly timer = setInterval(() => this.tick(), tickMs);

  constructor(private readonly options: PacedOptions) {}

  stop(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = performance.now();
    this.due = Math.min(this.due + ((now - this.tickedAt) / 1_000) * this.options.perSecond, maxPerTick);
    this.tickedAt = now;
    for (; this.due >= 1 && this.inFlight < maxInFlight; this.due -= 1) this.publishNext();
  }

  private publishNext(): void {
    const { publish, companyIds } = this.options;
    this.inFlight += 1;
    this.published += 1;
    void publish(companyIds[this.published % companyIds.length] ?? "", nextEvent()).then(() => {
      this.inFlight -= 1;
    });
  }
}
