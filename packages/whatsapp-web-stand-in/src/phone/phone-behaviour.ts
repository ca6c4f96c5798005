import type { PasskeyDemand, TypingState, WireMedia } from "../protocol/protocol.ts";

/** Automatic behaviour of a phone. */
export interface PhoneBehaviour {
  /** Duration of the first sync of a page. */
  syncMs: number;
  /** Delay until the recipient's phone receives a sent message; null: only through `acknowledge`. */
  deliveredMs: number | null;
  /** Delay until the recipient reads a sent message; null: only through `acknowledge`. */
  readMs: number | null;
  /** Delay after which the page reloads once it is paired, as WhatsApp sometimes does; null: no reload. */
  reloadAfterPairingMs: number | null;
  /** Delay after which an unlinked page reloads. */
  unlinkedReloadMs: number;
  /** The passkey that WhatsApp demands before it links a page to this phone. Null: none. */
  passkey: PasskeyDemand | null;
}

/** Something that a linked page did. Tests await it with `Phone.next`. */
export type PhoneEvent =
  | {
      kind: "sent";
      key: string;
      to: string;
      /** Text or caption. */
      body: string;
      /** WhatsApp's message type: `chat`, `image`, `ptt` … */
      type: string;
      media?: WireMedia;
      /** Key of the quoted message. */
      quoted?: string;
      /** Further attributes with WhatsApp's names: location, contact cards, poll, forwarding. */
      attributes?: Readonly<Record<string, unknown>>;
    }
  /** `key` belongs to the change and `target` to the changed message. */
  | { kind: "changed"; change: "edit" | "react" | "revoke"; key: string; target: string; body: string }
  | { kind: "read"; number: string }
  /** A page was opened or reloaded and has received its sync. */
  | { kind: "synced" }
  /** A page requested a passkey from its browser. */
  | { kind: "passkey_requested" }
  | { kind: "typing"; number: string; state: TypingState };
