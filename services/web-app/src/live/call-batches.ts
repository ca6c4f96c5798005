/** Token bucket: batches at once, refilled at one per interval. */
const burst = 50;
const intervalMs = 50;
/** Hidden pages get no animation frames, and those of a visible page may stop, for example behind another window. */
const maxDelayMs = 250;
/** Bounds the memory of a page whose timers the browser delays. */
const maxWaiting = 500;

type Call = () => void;

/**
 * Runs calls together and in order: those of one animation frame, and under load, when the bucket is empty, those of an interval, so
 * that React renders once for all of them and the page can answer in between. Without animation frames, a timer runs them.
 */
export class CallBatches {
  private waiting: Call[] = [];
  private frame: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private tokens = burst;
  private refilledAtMs = performance.now();

  /** `runAll` runs the calls of a batch, for example within a transaction. */
  constructor(private readonly runAll: (run: Call) => void = (run) => run()) {
    globalThis.document?.addEventListener("visibilitychange", this.flush);
  }

  add(call: Call): void {
    this.waiting.push(call);
    if (this.waiting.length >= maxWaiting) this.flush();
    else if (this.timer === undefined) this.schedule();
  }

  /** Runs the waiting calls now. */
  readonly flush = (): void => {
    clearTimeout(this.timer);
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    this.timer = undefined;
    this.frame = undefined;
    const calls = this.waiting;
    this.waiting = [];
    if (calls.length === 0) return;
    this.runAll(() => {
      for (const call of calls) run(call);
    });
  };

  private schedule(): void {
    const delayMs = this.takeToken();
    if (delayMs === 0) this.awaitFrame();
    else this.timer = setTimeout(() => this.awaitFrame(), delayMs);
  }

  private awaitFrame(): void {
    this.timer = setTimeout(this.flush, maxDelayMs);
    if (globalThis.document?.visibilityState === "visible") this.frame = requestAnimationFrame(this.flush);
  }

  /** Milliseconds until the next batch may run. */
  private takeToken(): number {
    const nowMs = performance.now();
    this.tokens = Math.min(burst, this.tokens + (nowMs - this.refilledAtMs) / intervalMs) - 1;
    this.refilledAtMs = nowMs;
    return Math.max(0, -this.tokens * intervalMs);
  }
}

function run(call: Call): void {
  try {
    call();
  } catch (error) {
    reportError(error);
  }
}
