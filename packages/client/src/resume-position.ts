import { RecentIds } from "./recent-ids.ts";
import type { DurableFrame } from "./types.ts";

const maxRecentEvents = 2_000;

/** The cursor from which this client resumes, and the events that it received recently. */
export class ResumePosition {
  cursor: string | undefined;
  private readonly eventIds = new RecentIds(maxRecentEvents);
  private readonly cursors = new RecentIds(maxRecentEvents);
  /** Callers that wait for the first cursor. A caller whose timeout has passed is removed. */
  readonly waiting = new Set<() => void>();

  /** Sets the first cursor. Cursors of later tickets are ignored: they would skip events that were missed. */
  startAt(cursor: string | undefined): void {
    if (this.cursor === undefined) this.moveTo(cursor);
  }

  moveTo(cursor: string | undefined): void {
    if (cursor === undefined) return;
    this.cursor = cursor;
    for (const resolve of this.waiting) resolve();
  }

  /**
   * Calls `deliver` unless the event was received before. A frame with a known cursor is ignored, so the position never moves
   * back; a known event with a new cursor only moves the position.
   */
  accept(frame: DurableFrame, deliver: () => void): void {
    if (frame.cursor !== undefined && !this.cursors.add(frame.cursor)) return;
    if (this.eventIds.add(frame.id)) deliver();
    this.moveTo(frame.cursor);
  }

  /** Resolves to true when a cursor is known, or to false after `timeoutMs`. */
  isKnownWithin(timeoutMs: number): Promise<boolean> {
    if (this.cursor !== undefined) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (isKnown: boolean) => {
        clearTimeout(timer);
        this.waiting.delete(onCursor);
        resolve(isKnown);
      };
      const onCursor = () => settle(true);
      const timer = setTimeout(() => settle(false), timeoutMs);
      this.waiting.add(onCursor);
    });
  }
}
