import { Seen } from "./seen.ts";
import type { DurableFrame } from "./types.ts";

const rememberedEvents = 2_000;

/** Where this client is in its company's log, and what it took already. */
export class Place {
  cursor: string | undefined;
  private readonly ids = new Seen(rememberedEvents);
  private readonly cursors = new Seen(rememberedEvents);
  private waiting: (() => void)[] = [];

  /** The first cursor comes with the first ticket; later ones would jump over what was missed. */
  beginAt(cursor: string | undefined): void {
    if (this.cursor === undefined) this.moveTo(cursor);
  }

  moveTo(cursor: string | undefined): void {
    if (cursor === undefined) return;
    this.cursor = cursor;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** False for a repeat. A place that was passed is not gone back to; a known event at a new place only moves on. */
  take(frame: DurableFrame, deliver: () => void): boolean {
    if (frame.cursor !== undefined && !this.cursors.add(frame.cursor)) return false;
    const isNew = this.ids.add(frame.id);
    if (isNew) deliver();
    this.moveTo(frame.cursor);
    return isNew;
  }

  /** True when the place is known within the time. */
  whenKnown(withinMs: number): Promise<boolean> {
    if (this.cursor !== undefined) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}
