import type { Cursor } from "@syszap/contracts";
import { type ConnectionInfo, type LatencySnapshot, type Publication, toCursor } from "@syszap/event-bus";
import type { Connection } from "./connection/connection.ts";
import type { Liveness } from "./connection/liveness.ts";
import type { FanOut } from "./fan-out/fan-out.ts";
import { Feed } from "./fan-out/feed.ts";

/** Broadcasts publications to local connections by company; each connection applies its own audience filter. */
export class Hub {
  private readonly feeds = new Map<string, Feed>();
  private readonly changedCompanies = new Set<string>();
  private count = 0;

  constructor(
    private readonly fanOut: FanOut,
    private readonly liveness: Liveness,
  ) {}

  get connectionCount(): number {
    return this.count;
  }

  /** Lists the connection. It receives ephemeral events after this call, and durable events after `startStream`. */
  add(connection: Connection): void {
    const { companyId } = connection.identity;
    const feed = this.feeds.get(companyId) ?? new Feed();
    this.feeds.set(companyId, feed);
    connection.joinedAfter = feed.ordinal;
    feed.connections.add(connection);
    this.liveness.watch(connection);
    this.count += 1;
    this.changedCompanies.add(companyId);
  }

  /** The connection receives durable events after this call; earlier events must be part of its resume. */
  startStream(connection: Connection): void {
    const feed = this.feedOf(connection);
    if (feed) connection.startsAfter = feed.ordinal;
  }

  /** Writes frames outside the stream. Counts them as unsent bytes of the connection, like those of the stream. */
  write(connection: Connection, frames: Buffer): void {
    const feed = this.feedOf(connection);
    if (!feed) return;
    connection.write(frames);
    this.fanOut.budget.noteWrite(connection, feed);
  }

  /** Resolves when no events of the company wait to be written. */
  async room(companyId: string): Promise<void> {
    const feed = this.feeds.get(companyId);
    if (feed) await this.fanOut.emptied(feed);
  }

  private feedOf(connection: Connection): Feed | undefined {
    const feed = this.feeds.get(connection.identity.companyId);
    return feed?.connections.has(connection) ? feed : undefined;
  }

  remove(connection: Connection): void {
    const { companyId } = connection.identity;
    const feed = this.feeds.get(companyId);
    if (!feed?.connections.delete(connection)) return;
    this.fanOut.budget.forget(connection);
    this.liveness.forget(connection);
    this.count -= 1;
    this.changedCompanies.add(companyId);
    if (feed.connections.size > 0) return;
    this.fanOut.discard(feed);
    this.feeds.delete(companyId);
  }

  deliver(companyId: string, publication: Publication): void {
    const feed = this.feeds.get(companyId);
    if (feed) this.push(feed, publication);
  }

  /** Delivers to every connection of every company. */
  announce(publication: Publication): void {
    for (const feed of this.feeds.values()) this.push(feed, publication);
  }

  resync(companyId: string, reason: string, cursor: Cursor): void {
    const feed = this.feeds.get(companyId);
    if (!feed) return;
    feed.ordinal += 1;
    this.fanOut.push(feed, { kind: "resync", ordinal: feed.ordinal, reason, cursor });
  }

  *connections(companyId?: string): Generator<Connection> {
    const feeds = companyId === undefined ? this.feeds.values() : [this.feeds.get(companyId)];
    for (const feed of feeds) if (feed) yield* feed.connections;
  }

  /** Lists the connections of this gateway (requirement R13), of one company or of all. */
  getWebSocketStats(companyId?: string): { totalConnections: number; connections: ConnectionInfo[] } {
    const connections = Array.from(this.connections(companyId), ({ info }) => info);
    return { totalConnections: connections.length, connections };
  }

  /** Returns this gateway's part of a company's statistics: the count, and at most `limit` listed connections. */
  presenceOf(companyId: string, limit: number): { total: number; connections: ConnectionInfo[] } | undefined {
    const feed = this.feeds.get(companyId);
    if (!feed) return undefined;
    const listed = [...feed.connections].slice(0, limit);
    return { total: feed.connections.size, connections: listed.map(({ info }) => info) };
  }

  get companyIds(): string[] {
    return [...this.feeds.keys()];
  }

  /** Returns the companies whose count changed since the last call. */
  takeChanged(): string[] {
    const changed = [...this.changedCompanies];
    this.changedCompanies.clear();
    return changed;
  }

  /** Latencies of the companies to which events were written since the last call. */
  takeLatencies(): Map<string, LatencySnapshot> {
    const taken = new Map<string, LatencySnapshot>();
    for (const [companyId, { latency }] of this.feeds) {
      const snapshot = latency.takeChanged();
      if (snapshot) taken.set(companyId, snapshot);
    }
    return taken;
  }

  private push(feed: Feed, { header, frame }: Publication): void {
    feed.ordinal += 1;
    this.fanOut.push(feed, {
      kind: "event",
      ordinal: feed.ordinal,
      cursor: header.position && toCursor(header.position),
      frame,
      audience: header.audience,
      emittedAtMs: header.emittedAtMs,
    });
  }
}
