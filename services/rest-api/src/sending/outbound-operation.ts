import {
  deleteWindowMs,
  editWindowMs,
  type Message,
  maxMessageBodyLength,
  messageType,
  type SendMessageRequest,
} from "@syszap/contracts";
import type { CompanyUnit, QueuedMessage } from "@syszap/database";
import { notFound, ProblemError } from "../problem.ts";
import { mayBeSentAs, sentAs } from "./sent-as.ts";

/** What a request asks to be queued, beside where, by whom and under which key. */
export type Order = Omit<QueuedMessage, "chatId" | "userId" | "idempotencyKey">;

/** The row that the request stands for. Rejects with 404 or 422 when its file can't be sent so. */
export async function orderOf(unit: CompanyUnit, request: SendMessageRequest): Promise<Order> {
  const { body = "", replyTo, media, location, reaction, edit } = request;
  const quotes = replyTo === undefined ? {} : { quotes: replyTo };
  if (edit) return { body: edit.body, changes: { messageId: edit.messageId, change: "edit" } };
  if (reaction) return { body: reaction.emoji, changes: { messageId: reaction.messageId, change: "reaction" } };
  if (request.delete) return { body: "", changes: { messageId: request.delete.messageId, change: "delete" } };
  if (location) {
    const words = [location.name, location.address].filter((part) => part).join("\n");
    return { body: words.slice(0, maxMessageBodyLength), kind: "location", content: { location }, ...quotes };
  }
  if (!media) return { body, ...quotes };
  const file = await unit.media.find(media.id);
  if (!file) throw notFound("file");
  const kind = media.as ?? sentAs(file.mimeType);
  if (!mayBeSentAs(kind, file.mimeType))
    throw new ProblemError("invalid", "Send the file as what it is, or as a document.", {
      errors: [{ path: "media.as", message: `a file of type ${file.mimeType} can't be sent as ${kind}` }],
    });
  return { body, kind, mediaId: file.id, ...quotes };
}

/** Rejects when what is answered or changed is not in the chat, or is not to be answered or changed. */
export async function checkTarget(unit: CompanyUnit, chatId: string, { quotes, changes }: Order): Promise<void> {
  const id = changes?.messageId ?? quotes;
  if (id === undefined) return;
  const target = await unit.messages.find(id);
  if (!target || target.chatId !== chatId || target.changes) throw notFound("message");
  if (target.revokedAt) throw new ProblemError("conflict", "This message was deleted.");
  if (target.status === "failed") throw new ProblemError("conflict", "This message was never sent.");
  if (changes && changes.change !== "reaction") checkOwn(target, changes.change);
}

const editable: ReadonlySet<number> = new Set([
  ...[messageType.text, messageType.image, messageType.video, messageType.document],
]);

function checkOwn(target: Message, change: "edit" | "delete"): void {
  if (target.direction !== 1)
    throw new ProblemError("conflict", "Only what your own company wrote can be edited or deleted.");
  if (change === "edit" && !editable.has(target.type))
    throw new ProblemError("conflict", "Only texts and captions can be edited.");
  // What waits in the queue is as young as can be once it is sent.
  const ageMs = target.status === "queued" ? 0 : Date.now() - Date.parse(target.timestamp);
  if (change === "edit" && ageMs > editWindowMs)
    throw new ProblemError("edit_too_late", "WhatsApp lets people edit for 15 minutes only. Write a new message.");
  if (change === "delete" && ageMs > deleteWindowMs)
    throw new ProblemError("delete_too_late", "WhatsApp lets people delete for everyone for about two days only.");
}
