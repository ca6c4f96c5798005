import type { Message } from "@syszap/contracts";
import { ApiError } from "../api/problem.ts";
import { Store } from "./store.ts";

/** A message that this page wants to send and that the server has not confirmed yet. */
export interface Outgoing {
  /** The Idempotency-Key of every try. */
  key: string;
  chatId: string;
  body: string;
  createdAt: string;
  failure: ApiError | undefined;
  /** Its own event arrived before the answer did: shown from there. */
  isShownElsewhere: boolean;
}
interface OutgoingOptions {
  send: (chatId: string, body: string, key: string) => Promise<Message>;
  onSent: (message: Message) => void;
}

const retryDelaysMs = [800, 2_000, 5_000];

/** Sends one at a time in each chat, so that what was written first is sent first. */
export class OutgoingMessages {
  readonly store = new Store<readonly Outgoing[]>([]);
  private readonly options: OutgoingOptions;
  private readonly turns = new Map<string, Promise<void>>();

  constructor(options: OutgoingOptions) {
    this.options = options;
  }

  send(chatId: string, body: string): void {
    const key = crypto.randomUUID();
    const createdAt = new Date().toISOString();
    const outgoing: Outgoing = { key, chatId, body, createdAt, failure: undefined, isShownElsewhere: false };
    this.store.update((all) => [...all, outgoing]);
    this.takeTurn(outgoing);
  }

  /** With the same key: if the first try did reach the server, nothing is sent twice. */
  retry(key: string): void {
    this.change(key, { failure: undefined });
    const outgoing = this.store.get().find((each) => each.key === key);
    if (outgoing) this.takeTurn(outgoing);
  }

  discard(key: string): void {
    this.store.update((all) => all.filter((each) => each.key !== key));
  }

  /** A message of the company appeared: most likely the oldest of these with the same text. */
  noticeOwn(chatId: string, body: string): void {
    const match = this.store
      .get()
      .find((each) => each.chatId === chatId && each.body === body && !each.failure && !each.isShownElsewhere);
    if (match) this.change(match.key, { isShownElsewhere: true });
  }

  clear(): void {
    this.store.set([]);
  }

  private change(key: string, change: Partial<Outgoing>): void {
    this.store.update((all) => all.map((each) => (each.key === key ? { ...each, ...change } : each)));
  }

  private takeTurn(outgoing: Outgoing): void {
    const before = this.turns.get(outgoing.chatId) ?? Promise.resolve();
    this.turns.set(
      outgoing.chatId,
      before.then(() => this.deliver(outgoing)),
    );
  }

  private async deliver({ chatId, body, key }: Outgoing): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const message = await this.options.send(chatId, body, key);
        this.options.onSent(message);
        this.discard(key);
        return;
      } catch (error) {
        const failure = error instanceof ApiError ? error : new ApiError(0);
        const delayMs = retryDelaysMs[attempt];
        if (!failure.isPassing || delayMs === undefined) {
          this.change(key, { failure, isShownElsewhere: false });
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.max(delayMs, failure.retryAfterMs ?? 0)));
      }
    }
  }
}
