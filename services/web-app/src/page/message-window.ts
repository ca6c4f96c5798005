import type { DurableFrame } from "@syszap/client";
import type { AnswerOf, RequestOf } from "@syszap/contracts";
import { maxPageSize } from "@syszap/contracts/constants";
import type { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/api-error.ts";
import { Store } from "../lib/store.ts";
import type { ChatList } from "../live/chat-cache.ts";
import { emptyList } from "../live/list.ts";
import {
  applyToMessages,
  type MessageList,
  type MessageRow,
  trimmed,
  windowOf,
  withMessages,
  withNewerMessages,
} from "../live/message-cache.ts";
import { queryKeys } from "../live/query-client.ts";
import { api } from "./api.ts";
import { snapshot } from "./list-query.ts";

type MessagePage = AnswerOf<"listMessages">;
type Position = Omit<NonNullable<RequestOf<"listMessages">["query"]>, "limit">;

const pageSize = 50;
/** A first read or a refetch reads as many messages as were loaded or are unread, up to this number. */
const maxReadRows = 300;
/** An open chat with more messages drops those that are far from the visible ones. */
const maxRows = 1_000;
const keptRows = 600;
/** Messages of a chat that is not open any more. */
const maxClosedRows = 100;

export type Load = "older" | "newer" | "jump";

/** What the window is loading, or could not load. */
interface WindowState {
  loading?: Load;
  failed?: Load;
}

/** The loaded part of a chat. It moves through the chat in both directions, and its size is bounded. */
export class MessageWindow {
  readonly state = new Store<WindowState>({});
  private readonly key: readonly unknown[];

  constructor(
    private readonly cache: QueryClient,
    private readonly chatId: string,
  ) {
    this.key = queryKeys.messages(chatId);
  }

  /** Reads the newest messages, or once more those of the window. */
  readonly read = (signal: AbortSignal): Promise<MessageList> => snapshot(() => this.readAgain(signal), this.apply);

  loadOlder(): Promise<void> {
    const before = this.list?.next;
    if (!before || this.state.get().loading) return Promise.resolve();
    return this.load("older", { before }, (list, page) => (list.next === before ? withMessages(list, page) : list));
  }

  loadNewer(): Promise<void> {
    const after = this.list?.items.at(-1)?.id;
    if (!after || !this.list?.hasNewer || this.state.get().loading) return Promise.resolve();
    return this.load("newer", { after }, (list, page) =>
      list.items.at(-1)?.id === after ? withNewerMessages(list, page) : list,
    );
  }

  get items(): readonly MessageRow[] {
    return this.list?.items ?? [];
  }

  has(messageId: string): boolean {
    return this.items.some(({ id }) => id === messageId);
  }

  /** Whether the window has the first message at or after a time, if there is one. */
  covers(time: string): boolean {
    const [oldest, newest] = [this.items[0], this.items.at(-1)];
    if (!oldest || !newest) return false;
    return (this.list?.next === null || oldest.timestamp < time) && (!this.list?.hasNewer || newest.timestamp >= time);
  }

  /** Moves the window to a message, or to the first message at or after a time. Rejects if the server refuses it. */
  moveTo(position: Pick<Position, "around" | "at">): Promise<void> {
    return this.load("jump", position, (_list, page) => windowOf(page));
  }

  /** Moves the window to the newest messages, if it is elsewhere. */
  async moveToNewest(): Promise<void> {
    if (this.list?.hasNewer) await this.load("jump", {}, (_list, page) => windowOf(page));
  }

  /** Drops messages that are far from this one, if there are too many. */
  trimAround(messageId: string | undefined): void {
    this.update((list) => {
      const { length } = list.items;
      if (length <= maxRows) return list;
      const index = list.items.findIndex(({ id }) => id === messageId);
      if (index < 0) return list;
      const from = Math.max(0, Math.min(index - keptRows / 2, length - keptRows));
      return trimmed(list, from, from + keptRows);
    });
  }

  /** Keeps the newest messages of a chat that was closed. */
  close(): void {
    const query = this.cache.getQueryCache().find({ queryKey: this.key });
    if (!query || query.getObserversCount() > 0) return;
    if (this.list?.hasNewer) this.cache.removeQueries({ queryKey: this.key });
    else
      this.update((list) =>
        list.items.length > maxClosedRows ? trimmed(list, list.items.length - maxClosedRows, list.items.length) : list,
      );
  }

  private get list(): MessageList | undefined {
    return this.cache.getQueryData<MessageList>(this.key);
  }

  private readonly apply = (list: MessageList, frame: DurableFrame): MessageList =>
    applyToMessages(list, this.chatId, frame);

  private update(change: (list: MessageList) => MessageList): void {
    const { list } = this;
    const changed = list && change(list);
    if (changed !== list) this.cache.setQueryData<MessageList>(this.key, changed);
  }

  private readPage(position: Position, limit: number, signal?: AbortSignal): Promise<MessagePage> {
    const query = { ...position, limit };
    return api.call("listMessages", { params: { id: this.chatId }, query }, { signal });
  }

  private async readAgain(signal: AbortSignal): Promise<MessageList> {
    const held = this.list;
    const middle = held?.hasNewer && held.items[held.items.length >> 1];
    if (middle) {
      try {
        return windowOf(await this.readPage({ around: middle.id }, maxPageSize, signal));
      } catch (error) {
        // The message was moved to another chat.
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
      }
    }
    const wanted = Math.min(Math.max(held?.items.length ?? 0, this.unreadCount), maxReadRows);
    let list: MessageList = emptyList();
    do list = withMessages(list, await this.readPage(list.next ? { before: list.next } : {}, pageSize, signal));
    while (list.next !== null && list.items.length < wanted);
    return list;
  }

  private get unreadCount(): number {
    const chats = this.cache.getQueryData<ChatList>(queryKeys.chats(""));
    return chats?.items.find(({ id }) => id === this.chatId)?.unreadCount ?? 0;
  }

  private async load(
    kind: Load,
    position: Position,
    add: (list: MessageList, page: MessagePage) => MessageList,
  ): Promise<void> {
    const state = { loading: kind };
    this.state.set(state);
    try {
      const noFrames: DurableFrame[] = [];
      const { page, frames } = await snapshot(
        async () => ({ page: await this.readPage(position, pageSize), frames: noFrames }),
        (value, frame) => ({ ...value, frames: [...value.frames, frame] }),
      );
      this.update((list) => frames.reduce(this.apply, add(list, page)));
      this.finish(state, {});
    } catch (error) {
      this.finish(state, { failed: kind });
      throw error;
    }
  }

  /** A later load may have begun in the meantime. */
  private finish(state: WindowState, next: WindowState): void {
    if (this.state.get() === state) this.state.set(next);
  }
}
