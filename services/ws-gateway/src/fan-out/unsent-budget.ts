import { closeCodes } from "@syszap/contracts";
import type { Connection } from "../connection/connection.ts";
import type { Limits } from "../limits.ts";
import type { Feed } from "./feed.ts";

/** When a sum exceeds its limit, connections are closed until it is below this share of the limit. */
const reliefShare = 0.9;

/**
 * Bounds the bytes that were written and not yet sent, per connection, per company and for the process. The slowest readers are
 * closed first and can resume with their cursor; other connections never wait for them.
 */
export class UnsentBudget {
  private readonly slowReaders = new Map<Connection, Feed>();
  private total = 0;

  constructor(private readonly limits: Limits) {}

  get unsentBytes(): number {
    return this.total;
  }

  /** Must be called after each write. Until the next `recount`, the sums may be too high but never too low. */
  noteWrite(connection: Connection, feed: Feed): void {
    const isSlow = connection.unsentBytes > 0;
    if (!isSlow && connection.countedBytes === 0) return;
    this.count(connection, feed);
    if (connection.unsentBytes > this.limits.unsentBytes) this.drop(connection);
    if (feed.unsentBytes > this.limits.unsentBytesPerCompany) this.relieve(feed);
    if (this.total > this.limits.unsentBytesPerProcess) this.relieve();
  }

  /** Updates the sums with what readers have taken meanwhile. Called periodically. */
  recount(): void {
    for (const [connection, feed] of this.slowReaders) this.count(connection, feed);
  }

  forget(connection: Connection): void {
    const feed = this.slowReaders.get(connection);
    if (feed) this.setCount(connection, feed, 0);
  }

  private count(connection: Connection, feed: Feed): void {
    this.setCount(connection, feed, connection.isOpen ? connection.unsentBytes : 0);
  }

  private setCount(connection: Connection, feed: Feed, bytes: number): void {
    const change = bytes - connection.countedBytes;
    connection.countedBytes = bytes;
    feed.unsentBytes += change;
    this.total += change;
    if (bytes > 0) this.slowReaders.set(connection, feed);
    else this.slowReaders.delete(connection);
  }

  /** Closes the slowest readers of one company, or of all, until the sum is below `reliefShare` of its limit. */
  private relieve(of?: Feed): void {
    this.recount();
    const limit = of ? this.limits.unsentBytesPerCompany : this.limits.unsentBytesPerProcess;
    const sum = () => (of ? of.unsentBytes : this.total);
    if (sum() <= limit) return;
    const slowest = [...this.slowReaders]
      .filter(([, feed]) => of === undefined || feed === of)
      .toSorted(([a], [b]) => b.countedBytes - a.countedBytes);
    for (const [connection] of slowest) {
      if (sum() <= limit * reliefShare) return;
      this.drop(connection);
    }
  }

  private drop(connection: Connection): void {
    connection.close(closeCodes.slowConsumer, "too slow: reconnect with your cursor");
    this.forget(connection);
  }
}
