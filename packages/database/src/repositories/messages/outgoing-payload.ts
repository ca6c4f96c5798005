import type {
  ContactCard,
  Direction,
  Location,
  MessageContent,
  MessageContext,
  MessageType,
  Poll,
  StoredFile,
} from "@syszap/contracts";
import { messageType } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import type { MessageRow } from "./message-row.ts";

/** WhatsApp's key of a message within a chat that is known. */
export interface NamedMessage {
  waKey: string;
  direction: Direction;
  /** The participant of a group who wrote it. */
  sender?: { number: string; lid?: string };
}
interface PayloadContext {
  /** The message that this one answers. */
  quoted?: NamedMessage;
  /** How WhatsApp marks the message as forwarded. */
  forwarded?: NonNullable<MessageContext["forwarded"]>;
}
/** The operation that a queued row performs. */
export type OutgoingPayload =
  | ({ kind: "text"; body: string } & PayloadContext)
  | ({ kind: "media"; type: MessageType; caption: string; file: StoredFile } & PayloadContext)
  | ({ kind: "location"; place: Location } & PayloadContext)
  | ({ kind: "contacts"; cards: ContactCard[] } & PayloadContext)
  | ({ kind: "poll"; poll: Poll } & PayloadContext)
  | { kind: "edit"; target: NamedMessage; body: string }
  | { kind: "reaction"; target: NamedMessage; emoji: string }
  | { kind: "delete"; target: NamedMessage }
  /** The message to change is no longer stored. */
  | { kind: "target_gone" };

interface PayloadRow extends Pick<MessageRow, "body" | "change"> {
  type: MessageType;
  content: MessageContent | null;
  context: MessageContext | null;
  file: StoredFile | null;
  quoted: NamedMessage | null;
  target: NamedMessage | null;
}

/** Reads the payload of a claimed row. Read it again for each attempt: the message it refers to may have changed. */
export async function outgoingPayload(scope: Scope, id: string): Promise<OutgoingPayload> {
  const row = await scope.one<PayloadRow>(
    `select m.type, m.body, m.content, m.context, m.change, ${named("q")} as quoted, ${named("t")} as target,
       case when f.id is not null then jsonb_build_object('storageKey', f.storage_key, 'mimeType', f.mime_type,
         'fileName', f.file_name, 'size', f.size, 'sha256', f.sha256) end as file
     from messages m
       left join media f on f.company_id = m.company_id and f.id = m.media_id
       left join messages q on q.company_id = m.company_id and q.id = m.quoted_message_id
       left join messages t on t.company_id = m.company_id and t.id = m.changes_message_id
     where m.company_id = :companyId and m.id = :id`,
    { id },
  );
  return payloadOf(row);
}

const named = (alias: string) =>
  `case when ${alias}.id is not null then jsonb_build_object('waKey', ${alias}.wa_key, 'direction', ${alias}.direction)
    || case when ${alias}.sender is not null then jsonb_build_object('sender', ${alias}.sender - 'name') else '{}' end end`;

function payloadOf({ type, body, content, context, change, file, quoted, target }: PayloadRow): OutgoingPayload {
  if (change) {
    // Not sent as a new text: the client would receive a lone emoji, or the correction of a message that is gone.
    if (!target) return { kind: "target_gone" };
    if (change === "edit") return { kind: "edit", target, body };
    return change === "reaction" ? { kind: "reaction", target, emoji: body } : { kind: "delete", target };
  }
  const parts = { ...(quoted && { quoted }), ...(context?.forwarded && { forwarded: context.forwarded }) };
  if (file) return { kind: "media", type, caption: body, file, ...parts };
  if (type === messageType.location && content?.location)
    return { kind: "location", place: content.location, ...parts };
  if (type === messageType.contact && content?.contacts) return { kind: "contacts", cards: content.contacts, ...parts };
  if (type === messageType.poll && content?.poll) return { kind: "poll", poll: content.poll, ...parts };
  return { kind: "text", body, ...parts };
}
