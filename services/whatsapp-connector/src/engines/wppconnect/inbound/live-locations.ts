import type { z } from "zod";
import type { HookedLocation } from "./vendor.ts";

export type LivePosition = z.infer<typeof HookedLocation>;

interface Recent {
  emitted: LivePosition;
  /** The newest position since then. */
  waiting?: LivePosition;
  timer: NodeJS.Timeout;
}

const defaultIntervalMs = 10_000;
/** Locations that are shared at the same time. Of others each position is emitted at once. */
const maxLocations = 1_000;

const isSame = (one: LivePosition, other: LivePosition) =>
  one.latitude === other.latitude && one.longitude === other.longitude && one.hasEnded === other.hasEnded;

/** Limits the positions of each live location: emits the first at once, then the newest of each interval, and the end at once. */
export class LiveLocations {
  private readonly recent = new Map<string, Recent>();

  constructor(
    private readonly emit: (position: LivePosition) => void,
    private readonly intervalMs = defaultIntervalMs,
  ) {}

  add(position: LivePosition): void {
    const recent = this.recent.get(position.id);
    if (recent && isSame(recent.waiting ?? recent.emitted, position)) return;
    if (recent && !position.hasEnded) recent.waiting = position;
    else this.emitNow(position);
  }

  /** Positions that wait are dropped: the page is read again after the next start. */
  stop(): void {
    for (const { timer } of this.recent.values()) clearTimeout(timer);
    this.recent.clear();
  }

  private emitNow(position: LivePosition): void {
    clearTimeout(this.recent.get(position.id)?.timer);
    this.recent.delete(position.id);
    this.emit(position);
    if (this.recent.size >= maxLocations) return;
    const timer = setTimeout(() => this.intervalEnds(position.id), this.intervalMs).unref();
    this.recent.set(position.id, { emitted: position, timer });
  }

  private intervalEnds(id: string): void {
    const waiting = this.recent.get(id)?.waiting;
    this.recent.delete(id);
    if (waiting) this.emitNow(waiting);
  }
}
