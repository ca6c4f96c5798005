import type { DurableFrame, RealtimeClient } from "@syszap/client";
import { maxShownMs } from "@syszap/contracts/constants";

/** A page reports one event in this time, the first one at a random moment within it. */
const everyMs = 60_000;

/**
 * Reports to the gateway how long an event took from its arrival to its display, for a sample of the events while the page is visible.
 * Create it before `deliverInBatches` changes the client, so that it notes arrivals and not the batches.
 */
export class ShownReports {
  private sample: { frame: DurableFrame; arrivedAtMs: number } | undefined;
  private nextAtMs = performance.now() + Math.random() * everyMs;
  /** A gateway of an earlier release closes connections that repeat a frame which it does not know. */
  private isRefused = false;

  constructor(client: RealtimeClient) {
    client.onDurable((frame) => this.noteArrival(frame));
  }

  /** `client` calls all listeners of an event in one animation frame, which paints the result. */
  start(client: RealtimeClient): void {
    client.on("error", ({ code }) => {
      if (code === "unknown_frame") this.isRefused = true;
    });
    client.onDurable((frame) => {
      const { sample } = this;
      if (sample?.frame !== frame) return;
      this.sample = undefined;
      // The next frame begins after this one was painted.
      requestAnimationFrame(() => {
        const afterMs = Math.round(performance.now() - sample.arrivedAtMs);
        if (isVisible() && afterMs <= maxShownMs) client.send("shown", { afterMs });
      });
    });
  }

  private noteArrival(frame: DurableFrame): void {
    const arrivedAtMs = performance.now();
    if (this.isRefused || arrivedAtMs < this.nextAtMs || !isVisible()) return;
    this.nextAtMs = arrivedAtMs + everyMs;
    this.sample = { frame, arrivedAtMs };
  }
}

const isVisible = () => globalThis.document?.visibilityState === "visible";
