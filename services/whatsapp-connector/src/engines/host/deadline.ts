import { monotonicMs } from "./protocol.ts";

/** The time until which an engine may act. Shared with the guard thread, which enforces it even if the main thread hangs. */
export class Deadline {
  private readonly cell: BigInt64Array;

  constructor(readonly memory = new SharedArrayBuffer(8)) {
    this.cell = new BigInt64Array(memory);
  }

  /** `deadlineMs` is a time of `monotonicMs`; infinite values are allowed. */
  set(deadlineMs: number): void {
    Atomics.store(this.cell, 0, BigInt(Math.round(Math.min(Math.max(deadlineMs, 0), Number.MAX_SAFE_INTEGER))));
  }

  get isPast(): boolean {
    return monotonicMs() >= Number(Atomics.load(this.cell, 0));
  }
}
