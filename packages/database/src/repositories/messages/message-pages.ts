import type { Message, Page } from "@syszap/contracts";
import { z } from "zod";
import { fromPageKey, type PageKey, toPage } from "../../sql/page-key.ts";
import { isReached, type Scope } from "../../sql/query.ts";
import { timePrefixOf } from "../../sql/source-order.ts";
import { type MessageRow, messagesOf, toMessage } from "./message-row.ts";

/** The page of a chat's messages to read. Without a position: the newest page. Only one position may be set. */
export interface MessagePageRequest {
  limit: number;
  /** The `next` of the previous page, or the id of a message: the page before it. */
  before?: string | undefined;
  /** Id of a message: the page after it. */
  after?: string | undefined;
  /** Id of a message: the page with this message in its middle. */
  around?: string | undefined;
  /** The page with the first message at or after this time in its middle. */
  at?: string | undefined;
}

/** Newest first, in WhatsApp's order (timestamp, generation, receipt number), which is independent of the order of insertion. */
export interface MessagePage extends Page<Message> {
  /** Newer messages follow after the page. */
  hasNewer: boolean;
}

const sourceOrderKey = /^\d{15}-\d{10}-\d{12}$/;
/** Sorts before all ids. */
const noId = "00000000-0000-0000-0000-000000000000";

/** Undefined if the chat has no message with the given id. */
export async function readMessagePage(
  scope: Scope,
  chatId: string,
  { limit, before, after, around, at }: MessagePageRequest,
): Promise<MessagePage | undefined> {
  const pages = new MessagePages(scope, chatId);
  if (before === undefined && after === undefined && around === undefined && at === undefined)
    return { ...(await pages.older(undefined, limit)), hasNewer: false };
  const isBeforeKey = before !== undefined && !isId(before);
  const id = isBeforeKey ? undefined : (before ?? after ?? around);
  const position = id === undefined ? positionOf(before, at) : await pages.positionOf(id);
  if (!position) return undefined;
  if (before !== undefined) return { ...(await pages.older(position, limit)), hasNewer: true };
  if (after !== undefined) {
    const { items, hasMore } = await pages.newer(position, ">", limit);
    return { items, next: items.at(-1)?.id ?? after, hasNewer: hasMore };
  }
  const newer = await pages.newer(position, ">=", limit - Math.floor(limit / 2));
  const older = await pages.older(position, limit - newer.items.length);
  return { items: [...newer.items, ...older.items], next: older.next, hasNewer: newer.hasMore };
}

const isId = (text: string): boolean => z.uuid().safeParse(text).success;

const positionOf = (key: string | undefined, at: string | undefined): PageKey | undefined =>
  at === undefined ? fromPageKey(key, sourceOrderKey) : { value: timePrefixOf(Date.parse(at)), id: noId };

/** Reads rows of one chat. */
class MessagePages {
  constructor(
    private readonly scope: Scope,
    private readonly chatId: string,
  ) {}

  /** The place of a message in the order. */
  positionOf(id: string): Promise<PageKey | undefined> {
    return this.scope.row<PageKey>(
      `select m.source_order as value, m.id from messages m
       where m.company_id = :companyId and m.id = :id and m.chat_id = :chatId and ${isReached("m.session_id")}`,
      { id, chatId: this.chatId },
    );
  }

  /** The messages before the position; without one, the newest. */
  async older(position: PageKey | undefined, limit: number): Promise<Page<Message>> {
    const rows = await this.read(position && "<", "desc", { position, limit });
    return toPage(rows, limit, { item: toMessage, key: (row) => ({ value: row.source_order, id: row.id }) });
  }

  /** The messages from the position on, newest first. */
  async newer(position: PageKey, comparison: ">" | ">=", limit: number) {
    const rows = await this.read(comparison, "asc", { position, limit });
    return { items: rows.slice(0, limit).toReversed().map(toMessage), hasMore: rows.length > limit };
  }

  /** One row more than the limit, which shows whether there are more. */
  private read(
    comparison: "<" | ">" | ">=" | undefined,
    order: "asc" | "desc",
    { position, limit }: { position: PageKey | undefined; limit: number },
  ): Promise<MessageRow[]> {
    return this.scope.rows<MessageRow>(
      `${messagesOf("messages")} where m.company_id = :companyId and m.chat_id = :chatId and m.change is null
         and ${isReached("m.session_id")}
         ${comparison ? `and (m.source_order, m.id) ${comparison} (:order, :id::uuid)` : ""}
       order by m.source_order ${order}, m.id ${order} limit :limit`,
      { chatId: this.chatId, limit: limit + 1, ...(position && { order: position.value, id: position.id }) },
    );
  }
}
