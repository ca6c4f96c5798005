import type { FromPage, WireMessage } from "../protocol/protocol.ts";
import { keyOf, nowSeconds } from "./message-key.ts";
import type { PhoneAccount } from "./phone-account.ts";
import type { PhoneEvent } from "./phone-behaviour.ts";

/** A frame with which a page changes its account. */
export type Arrival = Extract<FromPage, { kind: "send" | "edit" | "react" | "revoke" }>;

/** Applies frames of pages to an account, each id at most once, and returns the resulting event. */
export class Arrivals {
  private readonly changes = new Set<string>();

  constructor(private readonly account: PhoneAccount) {}

  apply(frame: Arrival): Extract<PhoneEvent, { kind: "sent" | "changed" }> | undefined {
    return frame.kind === "send" ? this.addMessage(frame) : this.changeMessage(frame);
  }

  private addMessage(frame: Extract<Arrival, { kind: "send" }>): Extract<PhoneEvent, { kind: "sent" }> | undefined {
    if (this.account.message(frame.id)) return undefined;
    const { id, chat, type, caption = null, media = null, quoted, attributes } = frame;
    const author = id.split("_")[3];
    this.account.add({
      ...{ id, fromMe: true, chat, type, body: frame.body, t: nowSeconds(), ack: 1 },
      ...{ caption, media, notifyName: null, editKey: null },
      ...(author !== undefined && { author }),
      ...(attributes && { attributes }),
    });
    return {
      ...{
        kind: "sent",
        key: keyOf(id),
        to: this.account.numberOf(chat),
        type,
        body: media ? (caption ?? "") : frame.body,
      },
      ...(media && { media }),
      ...(quoted !== undefined && { quoted: keyOf(quoted) }),
      ...(attributes && { attributes }),
    };
  }

  private changeMessage(
    frame: Exclude<Arrival, { kind: "send" }>,
  ): Extract<PhoneEvent, { kind: "changed" }> | undefined {
    const { id, kind } = frame;
    const target = this.account.message(frame.target);
    if (!target || this.changes.has(id)) return undefined;
    this.changes.add(id);
    applyChange(target, frame);
    const body = frame.kind === "edit" ? frame.body : frame.kind === "react" ? frame.text : "";
    return { kind: "changed", change: kind, key: keyOf(id), target: keyOf(target.id), body };
  }
}

function applyChange(target: WireMessage, frame: Exclude<Arrival, { kind: "send" }>): void {
  if (frame.kind === "react") {
    const own = { id: frame.id, text: frame.text, sender: "me", t: Date.now() };
    target.reactions = [...(target.reactions ?? []).filter(({ sender }) => sender !== own.sender), own];
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
