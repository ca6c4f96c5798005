import type { SessionReason } from "@syszap/contracts";

export type Illness = Extract<SessionReason, "page_not_ready" | "sync_stuck">;

/** How long each may last, and once more after the page was loaded again. A first sync of a large account takes minutes. */
export const pagePatience: Record<Illness, number> = { page_not_ready: 45_000, sync_stuck: 300_000 };

/** The first rungs of the ladder, for a page that answers but gets nowhere: loaded again once, then given up. */
export class PagePatience {
  private illness: Illness | undefined;
  private sinceMs = 0;
  private wasReloaded = false;

  constructor(private readonly mostMs: Record<Illness, number>) {}

  /** Call with every look at the page; undefined: it is where it should be, or waits for something that is not its fault. */
  judge(illness: Illness | undefined): "wait" | "reload" | "give up" {
    if (illness === undefined) {
      this.wasReloaded = false;
      this.illness = undefined;
      return "wait";
    }
    if (illness !== this.illness) {
      this.illness = illness;
      this.sinceMs = Date.now();
    }
    if (Date.now() - this.sinceMs <= this.mostMs[illness]) return "wait";
    if (this.wasReloaded) return "give up";
    this.wasReloaded = true;
    this.sinceMs = Date.now();
    return "reload";
  }
}
