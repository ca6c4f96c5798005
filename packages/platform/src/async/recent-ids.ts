/** Bounded set: holds the `limit` ids that were added most recently. */
export class RecentIds {
  private readonly ids = new Set<string>();

  constructor(private readonly limit: number) {}

  /** Makes `id` the newest, and removes the oldest id when the set is full. */
  add(id: string): void {
    this.ids.delete(id);
    this.ids.add(id);
    if (this.ids.size <= this.limit) return;
    for (const oldest of this.ids) {
      this.ids.delete(oldest);
      return;
    }
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  delete(id: string): boolean {
    return this.ids.delete(id);
  }
}
