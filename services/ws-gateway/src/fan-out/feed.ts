import type { Audience, Cursor } from "@syszap/contracts";
import type { Connection } from "../connection.ts";
import type { Batch } from "./batch.ts";

/** Something to tell a company's connections, in its place. */
export type FeedItem = { ordinal: number; cursor: Cursor | undefined } & (
  | { kind: "event"; frame: Buffer; audience: Audience }
  | { kind: "resync"; reason: string; cursor: Cursor }
);
export type EventItem = Extract<FeedItem, { kind: "event" }>;
export type ResyncItem = Extract<FeedItem, { kind: "resync" }>;

/** One company's connections here, and what they still have to be told. */
export class Feed {
  readonly connections = new Set<Connection>();
  pending: FeedItem[] = [];
  pendingBytes = 0;
  /** Number of the newest item; local to this process and never reused. */
  ordinal = 0;
  isQueued = false;
  batch: Batch | undefined;
  /** By `performance.now()`: until then what comes gathers for one write. */
  restsUntil = 0;
  /** What its connections have not taken yet; see `UnsentBudget`. */
  unsentBytes = 0;
}
