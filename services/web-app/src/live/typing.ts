import type { DataOf } from "@syszap/contracts";
import { typingTimeoutMs } from "@syszap/contracts/constants";
import { Store } from "../lib/store.ts";

/** A person who is typing in a chat. */
export interface Typist {
  /** A colleague's user id. Undefined for the client. */
  userId: string | undefined;
  state: DataOf<"typing">["State"];
}

/** Who is typing in which chat. A state ends by itself, because the event that ends it may be lost. */
export class TypingStates {
  readonly store = new Store<ReadonlyMap<string, readonly Typist[]>>(new Map());
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  onTyping({ Chat_Id: chatId, From, User_Id, State: state }: DataOf<"typing">): void {
    // An older server may not send who the colleague is.
    const userId = From === "client" ? undefined : (User_Id ?? "");
    if (state === "paused") {
      this.end(chatId, userId);
      return;
    }
    this.replace(chatId, userId, { userId, state });
    const timer = setTimeout(() => this.end(chatId, userId), typingTimeoutMs);
    clearTimeout(this.timers.get(timerKey(chatId, userId)));
    this.timers.set(timerKey(chatId, userId), timer);
  }

  /** `userId`: a colleague; undefined: the client. */
  end(chatId: string, userId: string | undefined): void {
    const key = timerKey(chatId, userId);
    clearTimeout(this.timers.get(key));
    if (this.timers.delete(key)) this.replace(chatId, userId);
  }

  /** The chat left the user's reach. */
  endAll(chatId: string): void {
    for (const { userId } of this.store.get().get(chatId) ?? []) this.end(chatId, userId);
  }

  clear(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.store.set(new Map());
  }

  private replace(chatId: string, userId: string | undefined, ...by: Typist[]): void {
    this.store.update((all) => {
      const typists = [...(all.get(chatId) ?? []).filter((each) => each.userId !== userId), ...by];
      const next = new Map(all);
      if (typists.length > 0) next.set(chatId, typists);
      else next.delete(chatId);
      return next;
    });
  }
}

const timerKey = (chatId: string, userId: string | undefined): string => `${chatId} ${userId ?? "client"}`;

export const clientAmong = (typists: readonly Typist[]): Typist | undefined =>
  typists.find(({ userId }) => userId === undefined);

export const colleaguesAmong = (typists: readonly Typist[]): string[] => typists.flatMap(({ userId }) => userId ?? []);
