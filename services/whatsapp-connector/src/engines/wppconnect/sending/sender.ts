import { randomUUID } from "node:crypto";
import { deleteWindowMs, editWindowMs, isGroupChat } from "@syszap/contracts";
import { RecentIds } from "@syszap/platform/async";
import {
  chatRefusal,
  type MessageReference,
  type Outgoing,
  type OutgoingMedia,
  refusal,
  SendError,
  type SendState,
  uploadMs,
} from "../../contract/engine.ts";
import { findAck } from "../page/account.ts";
import * as page from "../page/sending.ts";
import { findInGroup } from "../page/sending-to-group.ts";
import { attributesOf, forwardedAttributes } from "./attributes.ts";

interface SenderDependencies {
  isSynced(): boolean;
  inPage<Argument, Result>(
    run: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
    timeoutMs?: number,
  ): Promise<Result>;
  /** Timeout after which it counts as unknown whether WhatsApp accepted the operation. */
  sendMs: number;
}

type OutgoingChange = Extract<Outgoing, { target: object }>;
type OutgoingMessage = Exclude<Outgoing, OutgoingChange>;

const maxOwnKeys = 5_000;
/** Phones play a voice note only if its type names the codec. */
const voiceType = "audio/ogg; codecs=opus";
const pieceBytes = 512 * 1024;
/** Must be below the timeout of one call to the browser. */
const pollMs = 20_000;
/** Messages of the library's permanent errors, which have no codes. */
const permanentErrors: [RegExp, Parameters<typeof refusal>[0]][] = [
  [/wid error|invalid wid|failed to find or create chat/i, "no_whatsapp"],
  [/exceeds the upload limit/i, "too_large"],
  [/InvalidMediaFileType|MEDIA_ERR_SRC_NOT_SUPPORTED/i, "file_refused"],
  [/cannot edit this message|can ?not reply/i, "not_changeable"],
];

/** Errors of the browser and of our own time limits. They concern the page, not the chat. */
const pageErrors =
  /took longer than|timed out|protocol error|execution context|target closed|session closed|detached|the browser does not run|is not a function|cannot read prop|is not defined/i;

/** The complete id of a new message. */
const newId = ({ waKey }: Outgoing, { chat, participant }: page.Target): string =>
  ["true", chat, waKey, ...(participant === null ? [] : [participant])].join("_");

/** The ids under which WhatsApp may name the writer of a message in a group. */
const idsOf = ({ sender }: MessageReference): string[] =>
  sender ? [...(sender.lid === undefined ? [] : [`${sender.lid}@lid`]), `${sender.number}@c.us`] : [];

/** Whether the page answered and refused this operation, such as with "No LID for user". */
const isRejection = (err: unknown): boolean => !(err instanceof SendError) && !pageErrors.test(String(err));
const firstLineOf = (err: unknown): string => (String(err).split("\n")[0] ?? "").slice(0, 200);

/** Sends under ids that the connector created. After an error or a timeout it looks up whether WhatsApp has the message. */
export class Sender {
  private readonly own = new RecentIds(maxOwnKeys);
  /** Operations in progress. The page continues them even if the caller has given up. */
  private readonly inProgress = new Set<string>();

  constructor(private readonly dependencies: SenderDependencies) {}

  /** Whether this engine sent the message, as opposed to a person on the phone. */
  isOwn(waKey: string): boolean {
    return this.own.has(waKey);
  }

  async send(outgoing: Outgoing): Promise<void> {
    this.assertSynced();
    if (this.inProgress.has(outgoing.waKey))
      throw new SendError("an earlier attempt is still in progress", "transient");
    this.own.add(outgoing.waKey);
    this.inProgress.add(outgoing.waKey);
    try {
      const target = await this.findTarget(outgoing);
      if (target.refusal) throw refusal(target.refusal);
      await ("target" in outgoing ? this.sendChange(outgoing, target) : this.sendMessage(outgoing, target));
    } catch (err) {
      if (err instanceof SendError) throw err;
      await this.resolveError(err, outgoing);
    } finally {
      this.inProgress.delete(outgoing.waKey);
    }
  }

  async find(outgoing: Outgoing): Promise<SendState> {
    return this.inProgress.has(outgoing.waKey) ? "pending" : this.stateOf(outgoing);
  }

  private async stateOf(outgoing: Outgoing): Promise<SendState> {
    this.assertSynced(); // before that, an existing message may not be loaded
    if ("target" in outgoing) return this.findChange(outgoing);
    const ack = await this.dependencies.inPage(findAck, { chat: outgoing.waChatId, waKey: outgoing.waKey });
    if (ack === null || ack < 0) return "absent";
    return ack === 0 ? "pending" : "accepted";
  }

  private async findTarget(outgoing: Outgoing): Promise<page.Target> {
    const reference = "target" in outgoing ? outgoing.target : outgoing.quoted;
    const { waChatId: chat } = outgoing;
    const key = reference && { fromMe: reference.direction === 1, waKey: reference.waKey };
    if (isGroupChat(chat)) {
      const message = reference && key ? { ...key, senders: idsOf(reference) } : null;
      const target = await this.dependencies.inPage(findInGroup, { chat, message });
      if (!target) throw refusal("not_a_member");
      return target;
    }
    const target = await this.dependencies.inPage(page.findTarget, { chat, message: key ?? null });
    if (!target) throw refusal("no_whatsapp");
    return target;
  }

  private async sendMessage(outgoing: OutgoingMessage, target: page.Target): Promise<void> {
    const { chat, message } = target;
    if (outgoing.quoted && (!message || message.isDeleted)) throw refusal("message_gone");
    const sending = { chat, messageId: newId(outgoing, target), quoted: message?.id ?? null };
    const { inPage, sendMs } = this.dependencies;
    if (outgoing.kind === "text" && !outgoing.forwarded)
      return inPage(page.sendText, { ...sending, body: outgoing.body }, sendMs);
    if (outgoing.kind === "poll") return inPage(page.sendPoll, { ...sending, ...outgoing.poll }, sendMs);
    if (outgoing.kind !== "media")
      return inPage(page.sendAttributes, { ...sending, attributes: attributesOf(outgoing) }, sendMs);
    return this.sendFile(outgoing, sending);
  }

  /** Passes the file to the page in pieces, and removes it there afterwards. */
  private async sendFile(
    outgoing: OutgoingMedia,
    sending: { chat: string; messageId: string; quoted: string | null },
  ): Promise<void> {
    const { inPage } = this.dependencies;
    const { as, caption, file, forwarded } = outgoing;
    // The library would wait for ever if the message is in the chat already.
    const state = await this.stateOf(outgoing);
    if (state === "accepted") return;
    if (state === "pending") throw new SendError("WhatsApp has not acknowledged the message yet", "transient");
    const limit = await inPage(page.fileLimit, as === "voice" ? "audio" : as);
    if (limit !== null && file.sizeBytes > limit) throw refusal("too_large");
    const token = randomUUID();
    try {
      for await (const piece of file.open()) {
        for (let start = 0; start < piece.byteLength; start += pieceBytes) {
          const text = Buffer.from(piece.subarray(start, start + pieceBytes)).toString("base64");
          await inPage(page.addPiece, { token, text });
        }
      }
      const { fileName } = file;
      const mimeType = as === "voice" ? voiceType : file.mimeType;
      const attributes = forwardedAttributes(forwarded);
      const request = { ...sending, token, as, caption, mimeType, fileName, attributes };
      await inPage(page.beginFile, request);
      await this.awaitUpload(token, file.sizeBytes);
    } finally {
      await inPage(page.dropPieces, token).catch(() => undefined); // a page that is gone holds no file
    }
  }

  /** Polls the page, since a large file takes longer than the timeout of one call to the browser. */
  private async awaitUpload(token: string, bytes: number): Promise<void> {
    const { inPage, sendMs } = this.dependencies;
    const endsAt = Date.now() + sendMs + uploadMs(bytes);
    for (;;) {
      const state = await inPage(page.awaitFile, { token, timeoutMs: Math.min(pollMs, sendMs) }, pollMs + sendMs);
      if (state === "sent") return;
      if (state === "unknown") throw new SendError("WhatsApp's page was reloaded during the upload", "transient");
      if (Date.now() >= endsAt) throw new SendError("WhatsApp has not acknowledged the message yet", "transient");
    }
  }

  private async sendChange(outgoing: OutgoingChange, target: page.Target): Promise<void> {
    const { inPage, sendMs } = this.dependencies;
    const { chat, message } = target;
    if (!message) throw refusal("message_gone");
    if (outgoing.kind === "delete" && message.isDeleted) return;
    if (message.isDeleted) throw refusal("message_gone");
    if (outgoing.kind === "reaction") return inPage(page.react, { id: message.id, emoji: outgoing.emoji }, sendMs);
    // The library would delete only our copy of a message from somebody else.
    if (outgoing.target.direction !== 1) throw refusal("not_changeable");
    const ageMs = Date.now() - message.seconds * 1_000;
    if (outgoing.kind === "edit") {
      if (ageMs > editWindowMs) throw refusal("edit_too_late");
      const messageId = newId(outgoing, target);
      return inPage(page.editText, { id: message.id, messageId, body: outgoing.body }, sendMs);
    }
    if (ageMs > deleteWindowMs) throw refusal("delete_too_late");
    const isDeleted = await inPage(page.deleteForEveryone, { chat, id: message.id, timeoutMs: sendMs / 2 }, sendMs);
    if (!isDeleted) throw new SendError("WhatsApp has not deleted the message yet", "transient");
  }

  private async findChange(outgoing: OutgoingChange): Promise<SendState> {
    const { message } = await this.findTarget(outgoing);
    if (!message) return "absent";
    if (outgoing.kind === "delete") return message.isDeleted ? "accepted" : "absent";
    if (outgoing.kind === "edit") return message.editKey === outgoing.waKey ? "accepted" : "absent";
    return (await this.dependencies.inPage(page.ownReaction, message.id)) === outgoing.emoji ? "accepted" : "absent";
  }

  private async resolveError(err: unknown, outgoing: Outgoing): Promise<void> {
    const reason = permanentErrors.find(([pattern]) => pattern.test(String(err)))?.[1];
    if (reason) throw refusal(reason);
    const state = await this.stateOf(outgoing).catch(() => undefined);
    if (state === "accepted") return;
    if (state === "absent" && isRejection(err))
      throw chatRefusal(`WhatsApp Web refused the message: ${firstLineOf(err)}`);
    throw new SendError(
      state === "pending" ? "WhatsApp has not acknowledged the message yet" : "WhatsApp Web did not send the message",
      "transient",
    );
  }

  private assertSynced(): void {
    if (!this.dependencies.isSynced()) throw new SendError("the session is not connected", "transient");
  }
}
