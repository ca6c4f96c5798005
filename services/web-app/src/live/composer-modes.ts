import type { Message } from "@syszap/contracts";
import { Store } from "../lib/store.ts";

/** What the next words in a chat are for, beside being a new message. */
export type Purpose = { kind: "reply" | "edit"; message: Message };

/** One for each chat; it waits there like a draft. */
export class Composing {
  readonly store = new Store<ReadonlyMap<string, Purpose>>(new Map());

  begin(kind: Purpose["kind"], message: Message): void {
    this.store.update((all) => new Map(all).set(message.chatId, { kind, message }));
  }

  end(chatId: string): void {
    this.store.update((all) => {
      if (!all.has(chatId)) return all;
      const rest = new Map(all);
      rest.delete(chatId);
      return rest;
    });
  }

  clear(): void {
    this.store.set(new Map());
  }
}
