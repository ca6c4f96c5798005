import { monotonicMs } from "./protocol.ts";

/** Until when an engine may act; shared with the guard's thread, which enforces it also when the main thread hangs. */
export class Deadline {
  private readonly cell: BigInt64Array;

  constructor(readonly memory = new SharedArrayBuffer(8)) {
    this.cell = new BigInt64Array(memory);
  }

  /** In `monotonicMs`; infinite either way is fine. */
  set(deadlineMs: number): void {
    Atomics.store(this.cell, 0, BigInt(Math.round(Math.min(Math.max(deadlineMs, 0), Number.MAX_SAFE_INTEGER))));
  }

  get isPast(): boolean {
    return monotonicMs() >= Number(Atomics.load(this.cell, 0));
  }
}
