import { closeCodes } from "@syszap/contracts";
import type { Connection } from "../connection/connection.ts";
import type { Limits } from "../limits.ts";
import type { Feed } from "./feed.ts";

/** When a sum is over its limit, closing goes on until it is so far below. */
const relief = 0.9;

/**
 * Bytes that were written and that readers have not taken: bounded for a connection, a company and the process. The
 * slowest readers go first, and come back with their cursor; nobody else waits for them.
 */
export class UnsentBudget {
  private readonly behind = new Map<Connection, Feed>();
  private total = 0;

  constructor(private readonly limits: Limits) {}

  get unsentBytes(): number {
    return this.total;
  }

  /** Called after each write. What a reader takes later is seen by `recount`, so sums err on the safe side until then. */
  noteWrite(connection: Connection, feed: Feed): void {
    const isBehind = connection.unsentBytes > 0;
    if (!isBehind && connection.countedBytes === 0) return;
    this.count(connection, feed);
    if (connection.unsentBytes > this.limits.unsentBytes) this.drop(connection);
    if (feed.unsentBytes > this.limits.unsentBytesPerCompany) this.relieve(feed);
    if (this.total > this.limits.unsentBytesPerProcess) this.relieve();
  }

  /** Called every second or so, and when a connection ends. */
  recount(): void {
    for (const [connection, feed] of this.behind) this.count(connection, feed);
  }

  forget(connection: Connection): void {
    const feed = this.behind.get(connection);
    if (feed) this.settle(connection, feed, 0);
  }

  private count(connection: Connection, feed: Feed): void {
    this.settle(connection, feed, connection.isOpen ? connection.unsentBytes : 0);
  }

  private settle(connection: Connection, feed: Feed, bytes: number): void {
    const change = bytes - connection.countedBytes;
    connection.countedBytes = bytes;
    feed.unsentBytes += change;
    this.total += change;
    if (bytes > 0) this.behind.set(connection, feed);
    else this.behind.delete(connection);
  }

  /** Of one company, or of all: the slowest are closed until the sum is well below its limit. */
  private relieve(of?: Feed): void {
    this.recount();
    const limit = of ? this.limits.unsentBytesPerCompany : this.limits.unsentBytesPerProcess;
    const sum = () => (of ? of.unsentBytes : this.total);
    if (sum() <= limit) return;
    const slowest = [...this.behind]
      .filter(([, feed]) => of === undefined || feed === of)
      .toSorted(([a], [b]) => b.countedBytes - a.countedBytes);
    for (const [connection] of slowest) {
      if (sum() <= limit * relief) return;
      this.drop(connection);
    }
  }

  private drop(connection: Connection): void {
    connection.close(closeCodes.slowConsumer, "reads too slowly: come back with your cursor");
    this.forget(connection);
  }
}
