import { keys } from "@syszap/contracts";
import type { Cluster, Redis } from "ioredis";
import { aliveGateways, execute } from "./alive-gateways.ts";

/** Each bucket is a tenth wider than the one before, so a quantile is at most a tenth too high. The last one ends after 3 minutes. */
const ratio = 1.1;
const bucketCount = 128;
/** Recent events are those of the present period and the one before. */
const periodMs = 5 * 60_000;

/** Number of events by bucket; empty buckets are left out. */
type Buckets = Record<number, number>;
export interface LatencySnapshot {
  /** Time of the newest event. */
  at: number;
  buckets: Buckets;
}
export interface Latency {
  events: number;
  p50Ms: number;
  p99Ms: number;
}

/** Durations of a company's recent events on one gateway. */
export class LatencyRecorder {
  private present: Buckets = {};
  private before: Buckets = {};
  private periodEndsAt = 0;
  private newestAt = 0;
  private isChanged = false;

  /** A negative duration, from clocks that differ, counts as 0. */
  record(ms: number, now = Date.now()): void {
    if (now >= this.periodEndsAt) {
      this.before = now < this.periodEndsAt + periodMs ? this.present : {};
      this.present = {};
      this.periodEndsAt = now + periodMs;
    }
    const bucket = ms <= 1 ? 0 : Math.min(bucketCount - 1, Math.ceil(Math.log(ms) / Math.log(ratio)));
    this.present[bucket] = (this.present[bucket] ?? 0) + 1;
    this.newestAt = now;
    this.isChanged = true;
  }

  /** Undefined if nothing was recorded since the last call. */
  takeChanged(): LatencySnapshot | undefined {
    if (!this.isChanged) return undefined;
    this.isChanged = false;
    return { at: this.newestAt, buckets: sumOf([this.before, this.present]) };
  }
}

/** Latency of a company's recent events on all live gateways. Undefined if there were none. */
export async function readLatency(redis: Redis | Cluster, companyId: string): Promise<Latency | undefined> {
  const alive = await aliveGateways(redis);
  if (alive.length === 0) return undefined;
  const pipeline = redis.pipeline();
  for (const gatewayId of alive) pipeline.hget(keys.gatewayLatencies(gatewayId), companyId);
  const stored = (await execute(pipeline)) as (string | null)[];
  const snapshots = stored.flatMap((text) => (text === null ? [] : [JSON.parse(text) as LatencySnapshot]));
  return latencyOf(snapshots, Date.now());
}

/** Snapshots without a recent event are ignored. */
export function latencyOf(snapshots: readonly LatencySnapshot[], now: number): Latency | undefined {
  const buckets = sumOf(snapshots.filter(({ at }) => at > now - 2 * periodMs).map((snapshot) => snapshot.buckets));
  const counts = Array.from({ length: bucketCount }, (_, bucket) => buckets[bucket] ?? 0);
  const events = counts.reduce((sum, count) => sum + count, 0);
  if (events === 0) return undefined;
  const quantile = (share: number): number => {
    let rest = share * events;
    const bucket = counts.findIndex((count) => {
      rest -= count;
      return rest <= 0;
    });
    return Math.round(ratio ** bucket * 10) / 10;
  };
  return { events, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

function sumOf(parts: readonly Buckets[]): Buckets {
  const sum: Buckets = {};
  for (const part of parts)
    for (const [bucket, count] of Object.entries(part)) sum[Number(bucket)] = (sum[Number(bucket)] ?? 0) + count;
  return sum;
}
