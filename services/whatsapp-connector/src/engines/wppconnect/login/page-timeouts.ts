import type { SessionReason } from "@syszap/contracts";

export type PageFault = Extract<SessionReason, "page_not_ready" | "sync_stuck">;

/**
 * How long a fault may last before the page is reloaded, and again before the engine gives up. The first sync of a large
 * account takes minutes.
 */
export const pageTimeouts: Record<PageFault, number> = { page_not_ready: 45_000, sync_stuck: 300_000 };

/** Decides what to do with a page that responds but makes no progress: reload it once, then give up. */
export class PageTimeouts {
  private fault: PageFault | undefined;
  private sinceMs = 0;
  private wasReloaded = false;

  constructor(private readonly timeoutsMs: Record<PageFault, number>) {}

  /** Call it with every reading of the page. `fault` is undefined if the page is ready, or waits for something external. */
  decide(fault: PageFault | undefined): "wait" | "reload" | "give up" {
    if (fault === undefined) {
      this.wasReloaded = false;
      this.fault = undefined;
      return "wait";
    }
    if (fault !== this.fault) {
      this.fault = fault;
      this.sinceMs = Date.now();
    }
    if (Date.now() - this.sinceMs <= this.timeoutsMs[fault]) return "wait";
    if (this.wasReloaded) return "give up";
    this.wasReloaded = true;
    this.sinceMs = Date.now();
    return "reload";
  }
}
