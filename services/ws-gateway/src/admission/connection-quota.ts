import { Refusal } from "../refusal.ts";

/** Counts open and pending connections per key. Each key has its own limit. */
export class ConnectionQuota {
  private readonly counts = new Map<string, number>();

  /**
   * Counts one connection under every key, or throws 429 and counts it under none. The returned function releases the
   * connection from all keys; calling it again has no effect.
   */
  reserve(limits: Record<string, number>): () => void {
    for (const [key, limit] of Object.entries(limits)) {
      if ((this.counts.get(key) ?? 0) >= limit) throw new Refusal(429, "Too many connections", 5);
    }
    const reserved = Object.keys(limits);
    for (const key of reserved) this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      for (const key of reserved) {
        const rest = (this.counts.get(key) ?? 1) - 1;
        if (rest > 0) this.counts.set(key, rest);
        else this.counts.delete(key);
      }
    };
  }
}
