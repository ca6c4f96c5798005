const defaultIntervalMs = 1_000;

/** Passes on the first item at once, and the items that follow within the interval together at its end. */
export class Batches<Item> {
  private items: Item[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly handle: (items: Item[]) => void,
    private readonly intervalMs = defaultIntervalMs,
  ) {}

  add(item: Item): void {
    this.items.push(item);
    if (this.timer === undefined) this.flush();
  }

  /** Drops the items that wait. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.items = [];
  }

  private flush(): void {
    const { items } = this;
    this.items = [];
    this.timer = items.length > 0 ? setTimeout(() => this.flush(), this.intervalMs) : undefined;
    if (items.length > 0) this.handle(items);
  }
}
