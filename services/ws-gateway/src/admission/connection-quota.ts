import { Refusal } from "../refusal.ts";

/** Counts what is open or about to be, by any number of keys, each with its own limit. */
export class ConnectionQuota {
  private readonly counts = new Map<string, number>();

  /** Takes one place under every key, or throws 429 and takes none. The function gives the places back, once. */
  reserve(limits: Record<string, number>): () => void {
    for (const [key, limit] of Object.entries(limits)) {
      if ((this.counts.get(key) ?? 0) >= limit) throw new Refusal(429, "Too many connections", 5);
    }
    const taken = Object.keys(limits);
    for (const key of taken) this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      for (const key of taken) {
        const rest = (this.counts.get(key) ?? 1) - 1;
        if (rest > 0) this.counts.set(key, rest);
        else this.counts.delete(key);
      }
    };
  }
}
