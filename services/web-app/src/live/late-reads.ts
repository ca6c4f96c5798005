import type { DurableFrame } from "@syszap/client";
import type { QueryClient } from "@tanstack/react-query";
import type { ChatList } from "./chat-cache.ts";
import { queryKeys } from "./query-client.ts";

/** Delay before lists are read again, so that a move of many chats reads them once. */
const delayMs = 300;

/** Reads lists again after events that do not contain enough to change them: chats that come into or leave the user's reach. */
export class LateReads {
  private readonly cache: QueryClient;
  /** Chats that an event announced before they were in the list. */
  private readonly unknownChats = new Set<string>();
  private areClientsStale = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(cache: QueryClient) {
    this.cache = cache;
  }

  onFrame(frame: DurableFrame): void {
    if (frame.type === "chat_update" && this.belongsInList(frame)) this.unknownChats.add(frame.data.Id);
    else if (frame.type === "chat_gone") this.areClientsStale = true;
    else return;
    this.timer ??= setTimeout(() => this.run(), delayMs);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** False for a chat that is listed, and for one that is older than the loaded part of the list. */
  private belongsInList({ data }: DurableFrame<"chat_update">): boolean {
    const list = this.chats();
    if (!list || data.Merged_Into || list.items.some(({ id }) => id === data.Id)) return false;
    const oldest = list.items.at(-1)?.lastMessage?.timestamp;
    return list.next === null || oldest === undefined || (data.Last_Message?.timestamp ?? "") >= oldest;
  }

  private run(): void {
    this.timer = undefined;
    const listed = new Set(this.chats()?.items.map(({ id }) => id));
    // A new chat was added by its first message in the meantime.
    const hasGained = [...this.unknownChats].some((id) => !listed.has(id));
    if (hasGained) void this.cache.invalidateQueries({ queryKey: ["chats"] });
    if (hasGained || this.areClientsStale) void this.cache.invalidateQueries({ queryKey: ["clients"] });
    this.unknownChats.clear();
    this.areClientsStale = false;
  }

  private chats(): ChatList | undefined {
    return this.cache.getQueryData<ChatList>(queryKeys.chats(""));
  }
}
