import type { Audience, Cursor } from "@syszap/contracts";
import type { Connection } from "../connection/connection.ts";

/** Something to tell a company's connections, in its place. */
export type FeedItem = { ordinal: number; cursor: Cursor | undefined } & (
  | { kind: "event"; frame: Buffer; audience: Audience }
  | { kind: "resync"; reason: string; cursor: Cursor }
);
export type EventItem = Extract<FeedItem, { kind: "event" }>;
export type ResyncItem = Extract<FeedItem, { kind: "resync" }>;

/** What is written in one go: the targets are fixed when it begins, so whoever joins later is not among them. */
export interface Batch {
  /** Empty when a `resync` stands alone, since each connection gets a spread of its own. */
  events: EventItem[];
  resync: ResyncItem | undefined;
  targets: Connection[];
  next: number;
  firstOrdinal: number;
  /** The newest position in it, for connections that joined before `cursorOrdinal`. */
  cursor: Cursor | undefined;
  cursorOrdinal: number;
  /** Indices of events that not everybody may see. */
  restricted: number[];
  everything: View | undefined;
  /** By who may see which of the restricted ones: "11" for both of two. */
  views: Map<string, View>;
}
export interface View {
  bytes: Buffer;
  events: number;
}

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
