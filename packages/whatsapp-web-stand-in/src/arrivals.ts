import { nowSeconds } from "./message-key.ts";
import type { PhoneEvent } from "./phone-behaviour.ts";
import type { PhoneBook } from "./phone-book.ts";
import type { FromPage, WireMessage } from "./protocol.ts";

/** What a page sends into an account. */
export type Arrival = Extract<FromPage, { kind: "send" | "edit" | "react" | "revoke" }>;

const keyOf = (id: string) => id.split("_")[2] ?? "";

/** Takes it in, and says what happened; the same id again is the same thing, and happens once. */
export class Arrivals {
  private readonly changes = new Set<string>();

  constructor(private readonly book: PhoneBook) {}

  take(frame: Arrival): Extract<PhoneEvent, { kind: "sent" | "changed" }> | undefined {
    return frame.kind === "send" ? this.message(frame) : this.change(frame);
  }

  private message(frame: Extract<Arrival, { kind: "send" }>): Extract<PhoneEvent, { kind: "sent" }> | undefined {
    if (this.book.message(frame.id)) return undefined;
    const { id, chat, type, caption = null, media = null, quoted, place } = frame;
    this.book.add({
      ...{ id, fromMe: true, chat, type, body: frame.body, t: nowSeconds(), ack: 1 },
      ...{ caption, media, notifyName: null, editKey: null },
      ...(place && { attributes: place }),
    });
    return {
      ...{
        kind: "sent",
        key: keyOf(id),
        to: this.book.numberOf(chat),
        type,
        body: media ? (caption ?? "") : frame.body,
      },
      ...(media && { media }),
      ...(quoted !== undefined && { quoted: keyOf(quoted) }),
      ...(place && { place }),
    };
  }

  private change(frame: Exclude<Arrival, { kind: "send" }>): Extract<PhoneEvent, { kind: "changed" }> | undefined {
    const { id, kind } = frame;
    const target = this.book.message(frame.target);
    if (!target || this.changes.has(id)) return undefined;
    this.changes.add(id);
    apply(target, frame);
    const body = frame.kind === "edit" ? frame.body : frame.kind === "react" ? frame.text : "";
    return { kind: "changed", change: kind, key: keyOf(id), target: keyOf(target.id), body };
  }
}

function apply(target: WireMessage, frame: Exclude<Arrival, { kind: "send" }>): void {
  if (frame.kind === "react") {
    target.ownReaction = { id: frame.id, text: frame.text, sender: "me", t: Date.now() };
  } else if (frame.kind === "edit") {
    if (target.media) target.caption = frame.body;
    else target.body = frame.body;
    target.editKey = frame.id;
  } else {
    target.type = "revoked";
    target.body = "";
    target.caption = null;
  }
}
