import {
  type ChatSide,
  Direction,
  type Message,
  type MessageChange,
  type MessageContent,
  type MessageContext,
  MessageStatus,
  MessageType,
  type MissingFile,
  type MissingMedia,
  messageType,
  previewLength,
  type QuotedOriginal,
  toSenderReference,
} from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import { shorten, toStorableText } from "../../sql/storable-text.ts";
import { isoOf } from "../../sql/timestamps.ts";
import { type StoredParticipant, senderOf, storedParticipant, toParticipant } from "../names/participant.ts";
import { authorNameOf, authorOf } from "./author.ts";

/** A reaction as stored. A removed one stays with an empty emoji, so that a late older reaction does not reappear. */
export interface StoredReaction {
  emoji: string;
  from: ChatSide;
  /** In a group: the participant who reacted. */
  sender?: StoredParticipant | undefined;
  atMs: number;
}
export interface MessageRow {
  id: string;
  chat_id: string;
  session_id: string;
  direction: number;
  type: number;
  body: string;
  status: string | null;
  status_at_ms: string;
  failure_reason: string | null;
  reactions: StoredReaction[];
  edited_at: Date | null;
  revoked_at: Date | null;
  source_order: string;
  occurred_at: Date;
  version: number;
  media_id: string | null;
  media_mime_type: string | null;
  media_file_name: string | null;
  media_size: string | null;
  missing_media: MissingMedia | null;
  content: MessageContent | null;
  context: MessageContext | null;
  /** In a group: the participant who wrote the message. */
  sender: StoredParticipant | null;
  mentions_us: boolean;
  /** WhatsApp's copy of the quoted message. */
  quoted: QuotedOriginal | null;
  /** The author and the author's name, when the statement reads them. */
  user_id?: string | null;
  author_name?: string | null;
  /** Set for an answer when the statement reads the quoted message. */
  quoted_message_id?: string | null;
  original_id?: string | null;
  quoted_direction?: number | null;
  quoted_type?: number | null;
  quoted_body?: string | null;
  quoted_revoked_at?: Date | null;
  quoted_user_id?: string | null;
  quoted_author_name?: string | null;
  quoted_sender?: StoredParticipant | null;
  change?: MessageChange | null;
  changes_message_id?: string | null;
  forwards_message_id?: string | null;
}
export const toMessage = (row: MessageRow): Message => ({
  id: row.id,
  chatId: row.chat_id,
  sessionId: row.session_id,
  direction: Direction.parse(row.direction),
  type: MessageType.parse(row.type),
  body: row.body,
  ...authorOf(row.user_id, row.author_name),
  ...senderOf(row.sender),
  ...(row.mentions_us && { mentionsUs: true }),
  status: MessageStatus.nullable().parse(row.status),
  failureReason: row.failure_reason,
  media: row.media_id && row.media_mime_type ? toMedia(row.media_id, row.media_mime_type, row) : null,
  ...(row.missing_media && { missingMedia: row.missing_media }),
  ...(row.content && { content: contentOf(row.content) }),
  ...(row.context && { context: row.context }),
  ...quotedOf(row),
  ...(row.change && row.changes_message_id && { changes: { messageId: row.changes_message_id, change: row.change } }),
  reactions: row.reactions.filter(({ emoji }) => emoji !== "").map(toReaction),
  editedAt: isoOf(row.edited_at),
  revokedAt: isoOf(row.revoked_at),
  sourceOrder: row.source_order,
  timestamp: row.occurred_at.toISOString(),
  version: row.version,
});
const toReaction = ({ emoji, from, sender }: StoredReaction): Message["reactions"][number] => ({
  Emoji: emoji,
  From: from,
  ...(sender && { Sender: toSenderReference(toParticipant(sender)) }),
});

/** A stored vote has the participant as stored. */
function contentOf(content: MessageContent): MessageContent {
  if (!content.poll?.votes?.some(({ sender }) => sender)) return content;
  const votes = content.poll.votes.map(({ sender, ...vote }) => ({
    ...vote,
    ...senderOf(sender as StoredParticipant | undefined),
  }));
  return { ...content, poll: { ...content.poll, votes } };
}

function quotedOf(row: MessageRow): Pick<Message, "quoted"> {
  const { original_id: id, quoted_direction: direction } = row;
  if (!id || typeof direction !== "number") return copyOf(row.quoted);
  return {
    quoted: {
      id,
      direction: Direction.parse(direction),
      type: MessageType.parse(row.quoted_type),
      body: shorten(row.quoted_body ?? "", previewLength),
      ...authorOf(row.quoted_user_id, row.quoted_author_name),
      ...senderOf(row.quoted_sender),
      ...(row.quoted_revoked_at && { revokedAt: row.quoted_revoked_at.toISOString() }),
    },
  };
}
/** The quote of a message that is not stored; none if WhatsApp sent no copy of it either. */
function copyOf(quoted: QuotedOriginal | null): Pick<Message, "quoted"> {
  if (!quoted || (quoted.body === "" && quoted.kind === "text")) return {};
  const { direction, kind, body, sender } = quoted;
  const by = sender && senderOf(storedParticipant(sender));
  return { quoted: { id: null, direction: direction ?? 0, type: messageType[kind], body, ...by } };
}
const toMedia = (id: string, mimeType: string, row: MessageRow) => ({
  id,
  mimeType,
  fileName: row.media_file_name,
  size: Number(row.media_size),
});

/** WhatsApp's key of a message: its bare key id, without the chat, which a LID migration changes. */
export interface MessageKey {
  sessionId: string;
  direction: Direction;
  waKey: string;
  /** Decides between messages of two contacts with the same key. */
  waChatId?: string | undefined;
}
/** The columns of a message's key. */
export interface KeyRow {
  session_id: string;
  direction: number;
  wa_key: string;
}
export const keyOfRow = (row: KeyRow): MessageKey => ({
  sessionId: row.session_id,
  direction: Direction.parse(row.direction),
  waKey: row.wa_key,
});
/** Text form of a message key, for maps. */
export const nameOfMessage = (key: { sessionId: string; direction: number; waKey: string }): string =>
  `${key.sessionId} ${key.direction} ${key.waKey}`;

/** `absent`: the message is not stored, or not yet. Undefined: it is stored and did not change. */
export type Change = Message | undefined | "absent";

/**
 * SQL that selects the id of the stored message that the quote of `alias` names by its key. Joins compare only plain columns: under
 * row-level security an expression that could leak a value cannot use an index.
 */
export const originalOf = (alias: string, company: string): string => `
  select o.id from messages o where ${alias}.quoted_key is not null and o.company_id = ${company}
    and o.session_id = ${alias}.session_id and o.direction = any (array[0, 1]::smallint[]) and o.wa_key = ${alias}.quoted_key
    and o.chat_id = ${alias}.chat_id and o.change is null
  order by o.direction = (${alias}.quoted ->> 'direction')::smallint desc nulls last limit 1`;

/** SQL that reads messages from the table or CTE `source`, with their authors, their files and the messages they answer. */
export const messagesOf = (source: string): string => `
  select m.*, ${authorNameOf("m")} as author_name, f.mime_type as media_mime_type, f.file_name as media_file_name, f.size as media_size,
    a.id as original_id, a.direction as quoted_direction, a.type as quoted_type, left(a.body, ${previewLength}) as quoted_body,
    a.revoked_at as quoted_revoked_at, a.sender as quoted_sender,
    a.user_id as quoted_user_id, ${authorNameOf("a")} as quoted_author_name
  from ${source} m left join media f on f.company_id = m.company_id and f.id = m.media_id
    left join lateral (${originalOf("m", "m.company_id")}) q on true
    left join messages a on a.company_id = m.company_id
      and a.id = case when m.quoted_message_id is not null then m.quoted_message_id else q.id end`;

/**
 * Finds one row, or for received messages one row of each contact whose phone created the key. A chat that was merged away can keep
 * an erased row of a message that the surviving chat has as well.
 */
const whereMessageKey =
  "company_id = :companyId and session_id = :sessionId and direction = :direction and wa_key = :waKey";

/** Reads a message and locks it until the transaction ends, so that it does not change between reading and writing. */
export async function lockMessage(scope: Scope, key: MessageKey): Promise<MessageRow | undefined> {
  const [row] = await scope.prepared.rows<MessageRow>(
    `select * from messages m where ${whereMessageKey}
     order by (
       select (ch.merged_into is null)::int * 2 + coalesce(ch.wa_chat_id = :waChatId, false)::int
       from chats ch where ch.company_id = :companyId and ch.id = m.chat_id
     ) desc nulls last
     limit 1 for update`,
    { sessionId: key.sessionId, direction: key.direction, waKey: key.waKey, waChatId: key.waChatId ?? null },
  );
  return row;
}

export const storableMissing = (missing: MissingFile): MissingFile => ({
  ...missing,
  reason: toStorableText(missing.reason),
  mimeType: toStorableText(missing.mimeType),
  fileName: missing.fileName && toStorableText(missing.fileName),
});
