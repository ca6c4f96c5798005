import { deleteWindowMs, editWindowMs, type Message, messageType, type SendMessageRequest } from "@syszap/contracts";
import type { CompanyUnit, QueuedMessage } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import { notFound, ProblemError } from "../problem.ts";
import { fileToSend } from "./file-to-send.ts";
import { forwardOf } from "./forward.ts";

/** A queued message or operation without its chat, user and idempotency key. */
export type OutboundOperation = Omit<QueuedMessage, "chatId" | "userId" | "idempotencyKey">;

/**
 * Translates a request. Rejects with 404 when its file or the forwarded message does not exist, and with 409 or 422 when it cannot be
 * sent as requested.
 */
export async function toOutboundOperation(
  unit: CompanyUnit,
  request: SendMessageRequest,
  store: Pick<MediaStore, "open">,
): Promise<OutboundOperation> {
  const { body = "", replyTo, media, location, contacts, poll, forward, reaction, edit } = request;
  const quotes = replyTo === undefined ? {} : { quotes: replyTo };
  if (edit) return { body: edit.body, changes: { messageId: edit.messageId, change: "edit" } };
  if (reaction) return { body: reaction.emoji, changes: { messageId: reaction.messageId, change: "reaction" } };
  if (request.delete) return { body: "", changes: { messageId: request.delete.messageId, change: "delete" } };
  if (forward) return forwardOf(await unit.messages.find(forward.messageId));
  if (location) {
    const text = [location.name, location.address].filter((part) => part).join("\n");
    return { body: text, kind: "location", content: { location }, ...quotes };
  }
  if (contacts) {
    const text = contacts.map(({ name }) => name).join(", ");
    return { body: text, kind: "contact", content: { contacts }, ...quotes };
  }
  if (poll) return { body: poll.question, kind: "poll", content: { poll }, ...quotes };
  if (!media) return { body, ...quotes };
  const file = await unit.media.find(media.id);
  if (!file) throw notFound("file");
  const kind = await fileToSend(file, { as: media.as, hasCaption: body !== "" }, store);
  return { body, kind, mediaId: file.id, ...quotes };
}

/** Rejects when the quoted or changed message is not in the chat, or when it cannot be quoted or changed. */
export async function checkTarget(
  unit: CompanyUnit,
  chatId: string,
  { quotes, changes }: OutboundOperation,
): Promise<void> {
  const id = changes?.messageId ?? quotes;
  if (id === undefined) return;
  const target = await unit.messages.find(id);
  if (!target || target.chatId !== chatId || target.changes) throw notFound("message");
  if (target.revokedAt) throw new ProblemError("conflict", "This message was deleted.");
  if (target.status === "failed") throw new ProblemError("conflict", "This message was never sent.");
  if (changes && changes.change !== "reaction") checkChangeable(target, changes.change);
}

const editable: ReadonlySet<number> = new Set([
  messageType.text,
  messageType.image,
  messageType.video,
  messageType.document,
]);

function checkChangeable(target: Message, change: "edit" | "delete"): void {
  if (target.direction !== 1)
    throw new ProblemError("conflict", "Only messages of your own company can be edited or deleted.");
  if (change === "edit" && !editable.has(target.type))
    throw new ProblemError("conflict", "Only texts and captions can be edited.");
  // A queued message has not been sent yet, so its time window has not started.
  const ageMs = target.status === "queued" ? 0 : Date.now() - Date.parse(target.timestamp);
  if (change === "edit" && ageMs > editWindowMs)
    throw new ProblemError("edit_too_late", "WhatsApp allows edits for 15 minutes only. Write a new message.");
  if (change === "delete" && ageMs > deleteWindowMs)
    throw new ProblemError("delete_too_late", "WhatsApp allows deleting for everyone for about two days only.");
}
