import { direction, type Message, type MessageContext, messageKindOf, sentFileKinds } from "@syszap/contracts";
import type { QueuedMessage } from "@syszap/database";
import { notFound, ProblemError } from "../problem.ts";

type ForwardOperation = Pick<QueuedMessage, "body" | "kind" | "content" | "context" | "mediaId" | "forwards">;

/** The operation that sends the content of a message to another chat. Rejects with 404 or 409 when it cannot be forwarded. */
export function forwardOf(message: Message | undefined): ForwardOperation {
  if (!message || message.changes) throw notFound("message");
  if (message.revokedAt) throw new ProblemError("conflict", "This message was deleted.");
  if (message.context?.isViewOnce)
    throw new ProblemError("conflict", "A message that can be viewed once cannot be forwarded.");
  if (message.missingMedia)
    throw new ProblemError(
      "conflict",
      "The file of this message is missing. Download it first, then forward the message.",
    );
  const context = forwardedContext(message);
  const forward = { forwards: message.id, ...(context && { context }) };
  const kind = messageKindOf(message.type);
  const isFile = sentFileKinds.some((each) => each === kind);
  const { location, contacts } = message.content ?? {};
  if (message.media && isFile) return { ...forward, body: message.body, kind, mediaId: message.media.id };
  if (location) {
    const { isLive: _isLive, ...place } = location;
    return { ...forward, body: message.body, kind: "location", content: { location: place } };
  }
  if (contacts) return { ...forward, body: message.body, kind: "contact", content: { contacts } };
  if (kind === "text" && message.body !== "") return { ...forward, body: message.body };
  throw new ProblemError("conflict", "WhatsApp does not forward messages of this kind.");
}

/** As in WhatsApp, a message that the sender wrote is not marked as forwarded when it is sent again. */
function forwardedContext(message: Message): MessageContext | undefined {
  const forwarded = message.context?.forwarded;
  if (forwarded === undefined && message.direction === direction.out) return undefined;
  return { forwarded: forwarded ?? "once" };
}
