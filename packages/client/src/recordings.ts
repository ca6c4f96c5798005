import type { DurableFrame } from "./types.ts";

const maxRecordedEvents = 2_000;
const maxAttempts = 3;

/** Records the durable events that arrive while a snapshot is read. */
export class Recordings {
  private readonly open = new Set<DurableFrame[]>();

  record(frame: DurableFrame): void {
    for (const recording of this.open) if (recording.length <= maxRecordedEvents) recording.push(frame);
  }

  /** Fetches a snapshot and applies the events recorded meanwhile. Fetches again if a recording exceeds its limit. */
  async duringFetch<Value>(
    fetch: () => Promise<Value>,
    apply: (value: Value, frame: DurableFrame) => Value,
  ): Promise<Value> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const recording: DurableFrame[] = [];
      this.open.add(recording);
      try {
        const value = await fetch();
        if (recording.length <= maxRecordedEvents) return recording.reduce(apply, value);
      } finally {
        this.open.delete(recording);
      }
    }
    throw new Error(`Too many events arrived during each of ${maxAttempts} reads of a snapshot`);
  }
}
