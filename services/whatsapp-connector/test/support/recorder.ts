interface Waiter<Item> {
  matches(item: Item): boolean;
  resolve(item: Item): void;
}

/** Records events, and lets a test await the next matching one. */
export class Recorder<Item> {
  readonly all: Item[] = [];
  private unread: Item[] = [];
  private waiters: Waiter<Item>[] = [];

  push = (item: Item): void => {
    this.all.push(item);
    const index = this.waiters.findIndex((waiter) => waiter.matches(item));
    if (index === -1) this.unread.push(item);
    else this.waiters.splice(index, 1)[0]?.resolve(item);
  };

  /** Resolves with the oldest match that no earlier call returned. After `timeoutMs` rejects with the unread events. */
  next<Match extends Item>(matches: (item: Item) => item is Match, timeoutMs?: number): Promise<Match>;
  next(matches?: (item: Item) => boolean, timeoutMs?: number): Promise<Item>;
  next(matches: (item: Item) => boolean = () => true, timeoutMs = 100_000): Promise<Item> {
    const index = this.unread.findIndex(matches);
    const [found] = index === -1 ? [] : this.unread.splice(index, 1);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const waiter: Waiter<Item> = {
        matches,
        resolve: (item) => {
          clearTimeout(timer);
          resolve(item);
        },
      };
      const timer = setTimeout(() => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        reject(new Error(`no matching event; unread: ${JSON.stringify(this.unread).slice(0, 2_000)}`));
      }, timeoutMs);
      this.waiters.push(waiter);
    });
  }
}
