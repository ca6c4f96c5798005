import { nowMicroseconds, timeMark } from "./commands.ts";

const digitZero = 0x30;
/** Enough for a percentile; bounds the memory. */
const maxLatencies = 400_000;

/** Counts what all clients of the pool have received. */
export class ReceivedEvents {
  events = 0;
  bytes = 0;
  resyncs = 0;
  notRecovered = 0;
  isTimed = false;
  private latencies: number[][] = [];
  private kept = 0;

  /** Counts an event whose text is at `from` to `to` in `bytes`. */
  take(group: number, bytes: Buffer, from: number, to: number): void {
    this.events += 1;
    this.bytes += to - from;
    if (!this.isTimed) return;
    const mark = bytes.indexOf(timeMark, from);
    if (mark === -1 || mark >= to || this.kept >= maxLatencies) return;
    let sentAt = 0;
    for (let at = mark + 1; at < to && bytes[at] !== timeMark; at++)
      sentAt = sentAt * 10 + (bytes[at] ?? digitZero) - digitZero;
    if (sentAt === 0) return;
    const ofGroup = this.latencies[group] ?? [];
    this.latencies[group] = ofGroup;
    ofGroup.push(nowMicroseconds() - sentAt);
    this.kept += 1;
  }

  /** Returns the latencies by group and clears them. */
  takeLatencies(): number[][] {
    const taken = Array.from(this.latencies, (ofGroup) => ofGroup ?? []);
    this.latencies = [];
    this.kept = 0;
    return taken;
  }
}
