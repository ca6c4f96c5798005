import type { TypingState, WireMedia } from "./protocol.ts";

/** How a phone does what nobody orders. */
export interface PhoneBehaviour {
  /** How long the first sync of a page takes. */
  syncMs: number;
  /** When the other side's phone gets and reads what we send; null: only on order, by `acknowledge`. */
  deliveredMs: number | null;
  readMs: number | null;
  /** The page is reloaded so soon after it was paired, as WhatsApp does now and then; null: it is not. */
  reloadAfterPairingMs: number | null;
  /** How soon an unlinked page loads itself again. */
  unlinkedReloadMs: number;
}

/** Something that a linked page did, for a test to await. */
export type PhoneEvent =
  | {
      kind: "sent";
      key: string;
      to: string;
      /** Text or caption. */
      body: string;
      /** WhatsApp's word for it: `chat`, `image`, `ptt`. */
      type: string;
      media?: WireMedia;
      /** Key of the message that it answers. */
      quoted?: string;
      place?: { lat: number; lng: number; loc: string };
    }
  /** An edit has a key of its own that we gave. */
  | { kind: "changed"; change: "edit" | "react" | "revoke"; key: string; target: string; body: string }
  | { kind: "read"; number: string }
  /** A page was opened, or loaded again, and is up to date. */
  | { kind: "synced" }
  | { kind: "typing"; number: string; state: TypingState };
