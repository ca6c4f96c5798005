/** Bounded set: holds the `limit` ids that were added most recently. Each operation takes constant time. */
export class RecentIds {
  private readonly ids = new Set<string>();
  /** One iterator for the whole lifetime: a new one would skip the gaps of all removed ids again on each call. */
  private readonly oldestFirst = this.ids.values();

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.ids.size;
  }

  /** Makes `id` the newest, and removes the oldest id when the set is full. */
  add(id: string): void {
    this.ids.delete(id);
    this.ids.add(id);
    if (this.ids.size <= this.limit) return;
    const oldest = this.oldestFirst.next();
    if (!oldest.done) this.ids.delete(oldest.value);
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  delete(id: string): boolean {
    return this.ids.delete(id);
  }
}
