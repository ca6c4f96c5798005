import type { DataOf } from "@syszap/contracts";
import { typingTimeoutMs } from "@syszap/contracts/constants";
import { Store } from "../lib/store.ts";

export type Typing = Pick<DataOf<"typing">, "From" | "State">;

/** Who is typing in which chat. A state ends by itself, because the event that ends it may be lost. */
export class TypingStates {
  readonly store = new Store<ReadonlyMap<string, Typing>>(new Map());
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  onTyping(data: DataOf<"typing">): void {
    clearTimeout(this.timers.get(data.Chat_Id));
    if (data.State === "paused") {
      this.end(data.Chat_Id);
      return;
    }
    this.store.update((all) => new Map(all).set(data.Chat_Id, { From: data.From, State: data.State }));
    this.timers.set(
      data.Chat_Id,
      setTimeout(() => this.end(data.Chat_Id), typingTimeoutMs),
    );
  }

  end(chatId: string): void {
    clearTimeout(this.timers.get(chatId));
    this.timers.delete(chatId);
    if (!this.store.get().has(chatId)) return;
    this.store.update((all) => {
      const others = new Map(all);
      others.delete(chatId);
      return others;
    });
  }
}
