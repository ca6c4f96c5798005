import { randomUUID } from "node:crypto";
import { deleteWindowMs, editWindowMs } from "@syszap/contracts";
import {
  type Outgoing,
  type OutgoingMedia,
  refusal,
  SendError,
  type SendState,
  uploadMs,
} from "../../contract/engine.ts";
import { findAck } from "../page/account.ts";
import * as page from "../page/sending.ts";

interface SenderPage {
  isSynced(): boolean;
  inPage<Argument, Result>(
    run: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
    timeoutMs?: number,
  ): Promise<Result>;
  /** How long WhatsApp may take to accept something before its fate counts as unknown. */
  sendMs: number;
}
type AboutOther = Extract<Outgoing, { target: object }>;
type OwnMessage = Exclude<Outgoing, AboutOther>;

const keysKept = 5_000;
const pieceBytes = 512 * 1024;
/** Below the time that one question to the browser may take at the most. */
const lookMs = 20_000;
/** The library's words; its errors carry no code. */
const hopeless: [RegExp, Parameters<typeof refusal>[0]][] = [
  [/wid error|invalid wid|failed to find or create chat/i, "no_whatsapp"],
  [/exceeds the upload limit/i, "too_large"],
  [/InvalidMediaFileType|MEDIA_ERR_SRC_NOT_SUPPORTED/i, "file_refused"],
  [/cannot edit this message|can ?not reply/i, "not_changeable"],
];

/** Sends under our own ids. An error or a timeout proves nothing, so WhatsApp is asked what became of it. */
export class Sender {
  private readonly own = new Set<string>();
  /** Whoever asked may have given up; what began still goes on in the page. */
  private readonly underWay = new Set<string>();

  constructor(private readonly given: SenderPage) {}

  /** Whether we sent it in this run, as opposed to someone on the phone. */
  isOwn(waKey: string): boolean {
    return this.own.has(waKey);
  }

  async send(order: Outgoing): Promise<void> {
    this.mustBeSynced();
    if (this.underWay.has(order.waKey)) throw new SendError("an earlier attempt is still under way", "transient");
    this.remember(order.waKey);
    this.underWay.add(order.waKey);
    try {
      const reached = await this.reach(order);
      if (reached.isBlocked) throw refusal("blocked");
      await ("target" in order ? this.change(order, reached) : this.message(order, reached));
    } catch (err) {
      if (err instanceof SendError) throw err;
      await this.afterError(err, order);
    } finally {
      this.underWay.delete(order.waKey);
    }
  }

  async find(order: Outgoing): Promise<SendState> {
    return this.underWay.has(order.waKey) ? "pending" : this.fateOf(order);
  }

  private async fateOf(order: Outgoing): Promise<SendState> {
    this.mustBeSynced(); // before that a message that is there may not have been loaded
    if ("target" in order) return this.findChange(order);
    const ack = await this.given.inPage(findAck, { chat: order.waChatId, waKey: order.waKey });
    if (ack === null || ack < 0) return "absent";
    return ack === 0 ? "pending" : "accepted";
  }

  private async reach(order: Outgoing): Promise<page.Reached> {
    const about = "target" in order ? order.target : order.quoted;
    const reached = await this.given.inPage(page.reach, {
      chat: order.waChatId,
      about: about ? { fromMe: about.direction === 1, waKey: about.waKey } : null,
    });
    if (!reached) throw refusal("no_whatsapp");
    return reached;
  }

  private async message(order: OwnMessage, { chat, about }: page.Reached): Promise<void> {
    if (order.quoted && (!about || about.isDeleted)) throw refusal("message_gone");
    const sending = { chat, messageId: `true_${chat}_${order.waKey}`, quoted: about?.id ?? null };
    const { inPage, sendMs } = this.given;
    if (order.kind === "text") return inPage(page.sendText, { ...sending, body: order.body }, sendMs);
    if (order.kind === "location") return inPage(page.sendPlace, { ...sending, ...order.place }, sendMs);
    return this.file(order, sending);
  }

  /** The file goes to the page piece by piece, and is dropped there once WhatsApp has it. */
  private async file(
    order: OutgoingMedia,
    sending: { chat: string; messageId: string; quoted: string | null },
  ): Promise<void> {
    const { inPage } = this.given;
    const { as, caption, file } = order;
    // The library would wait without end for a message that is in the chat already.
    const fate = await this.fateOf(order);
    if (fate === "accepted") return;
    if (fate === "pending") throw new SendError("WhatsApp has not acknowledged the message yet", "transient");
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
      const { mimeType, fileName } = file;
      const about = { ...sending, token, as, caption, mimeType, fileName };
      await inPage(page.beginFile, about);
      await this.fileSent(token, file.sizeBytes);
    } finally {
      await inPage(page.dropPieces, token).catch(() => undefined); // a page that is gone holds nothing
    }
  }

  /** Asked for again and again: one question to the browser may not take as long as a large file does. */
  private async fileSent(token: string, bytes: number): Promise<void> {
    const { inPage, sendMs } = this.given;
    const endsAt = Date.now() + sendMs + uploadMs(bytes);
    for (;;) {
      const state = await inPage(page.awaitFile, { token, withinMs: Math.min(lookMs, sendMs) }, lookMs + sendMs);
      if (state === "sent") return;
      if (state === "unknown") throw new SendError("WhatsApp's page was loaded again meanwhile", "transient");
      if (Date.now() >= endsAt) throw new SendError("WhatsApp has not acknowledged the message yet", "transient");
    }
  }

  private async change(order: AboutOther, { chat, about }: page.Reached): Promise<void> {
    const { inPage, sendMs } = this.given;
    if (!about) throw refusal("message_gone");
    if (order.kind === "delete" && about.isDeleted) return;
    if (about.isDeleted) throw refusal("message_gone");
    if (order.kind === "reaction") return inPage(page.react, { id: about.id, emoji: order.emoji }, sendMs);
    // Of what others wrote, the library would delete our own copy only.
    if (order.target.direction !== 1) throw refusal("not_changeable");
    const ageMs = Date.now() - about.seconds * 1_000;
    if (order.kind === "edit") {
      if (ageMs > editWindowMs) throw refusal("edit_too_late");
      const messageId = `true_${chat}_${order.waKey}`;
      return inPage(page.editText, { id: about.id, messageId, body: order.body }, sendMs);
    }
    if (ageMs > deleteWindowMs) throw refusal("delete_too_late");
    const isDeleted = await inPage(page.deleteForEveryone, { chat, id: about.id, withinMs: sendMs / 2 }, sendMs);
    if (!isDeleted) throw new SendError("WhatsApp has not deleted the message yet", "transient");
  }

  private async findChange(order: AboutOther): Promise<SendState> {
    const { about } = await this.reach(order);
    if (!about) return "absent";
    if (order.kind === "delete") return about.isDeleted ? "accepted" : "absent";
    if (order.kind === "edit") return about.editKey === order.waKey ? "accepted" : "absent";
    return (await this.given.inPage(page.ownReaction, about.id)) === order.emoji ? "accepted" : "absent";
  }

  private async afterError(err: unknown, order: Outgoing): Promise<void> {
    const why = hopeless.find(([words]) => words.test(String(err)))?.[1];
    if (why) throw refusal(why);
    const known = await this.fateOf(order).catch(() => undefined);
    if (known === "accepted") return;
    throw new SendError(
      known === "pending" ? "WhatsApp has not acknowledged the message yet" : "WhatsApp Web did not send the message",
      "transient",
    );
  }

  private mustBeSynced(): void {
    if (!this.given.isSynced()) throw new SendError("the session is not connected", "transient");
  }

  private remember(waKey: string): void {
    this.own.add(waKey);
    const [oldest] = this.own;
    if (this.own.size > keysKept && oldest !== undefined) this.own.delete(oldest);
  }
}
