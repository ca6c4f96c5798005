import type {
  Direction,
  EngineName,
  MessageContent,
  MessageKind,
  MessageStatus,
  SessionDetail,
  SessionReason,
  TypingState,
} from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import type { EngineControls } from "./controls.ts";
import type { Outgoing } from "./outgoing.ts";

export * from "./outgoing.ts";

/** A file as WhatsApp has it; the engine knows how to fetch it. */
export interface EngineMedia {
  /** Given back to `downloadMedia`; means nothing to anybody else. */
  handle: string;
  mimeType: string;
  fileName: string | null;
  /** As WhatsApp declares it, before anything is fetched; absent when it does not. */
  sizeBytes?: number;
}

/** By phone number, by LID, or both. While WhatsApp does not tell the number of a LID, `number` repeats the LID. */
export interface EnginePerson {
  number: string;
  lid?: string;
}

/**
 * What WhatsApp said. Vendor types and shapes stop here. At least once: the pipeline drops repeats.
 * With a `waChatId`, what belongs to a group, a status or a newsletter is left out by the pipeline, not by the engine.
 */
export type EngineFact =
  | {
      kind: "message";
      waKey: string;
      waChatId: string;
      direction: Direction;
      type: MessageKind;
      /** Of `unknown`: what WhatsApp calls it. */
      vendorKind?: string;
      body: string;
      /** The other side of the chat, also when we wrote. */
      client: EnginePerson & { name: string | null };
      media?: EngineMedia;
      /** Of a location, contact cards, a poll. */
      content?: MessageContent;
      status?: MessageStatus;
      timestampMs: number;
      isHistory: boolean;
    }
  | {
      kind: "ack";
      waKey: string;
      waChatId?: string;
      direction: Direction;
      status: Exclude<MessageStatus, "queued">;
      reason?: string;
      timestampMs: number;
    }
  | {
      kind: "edit";
      waKey: string;
      waChatId?: string;
      direction: Direction;
      editKey: string;
      body: string;
      timestampMs: number;
    }
  | { kind: "revoke"; waKey: string; waChatId?: string; direction: Direction; timestampMs: number }
  | {
      kind: "reaction";
      waKey: string;
      waChatId?: string;
      direction: Direction;
      from: "client" | "company";
      emoji: string;
      timestampMs: number;
    }
  /** `pictureChanged` asks the session to fetch the picture again. */
  | ({ kind: "contact"; name?: string; pictureChanged?: boolean; timestampMs: number } & EnginePerson);

/** What WhatsApp said in a shape or of a type that the engine does not know. */
export interface UnknownPayload {
  /** What it would have been: `message`, `ack`. */
  kind: string;
  /** What is strange about it, in names of fields or types: never what stands in them. */
  shape: string;
  /** Of the message that is told in its place, where its id could be read. */
  waKey?: string;
  /** JSON as it came, cut to a bounded size. */
  raw: string;
}

/** Called by an engine, never awaited; a listener does not throw. */
export interface EngineListener {
  /** A QR code to be scanned; each replaces the one before. `raw` is the text that the picture must encode. */
  qr(qr: { raw: string; attempt: number; expiresAt: Date }): void;
  /** A code to be typed on the phone that `pairByPhone` named; each replaces the one before. QR codes go on beside it. */
  pairingCode(pairing: { code: string; attempt: number; expiresAt: Date }): void;
  /** WhatsApp gives no further code for that number; QR codes still link it. */
  pairingRefused(): void;
  /** Every change of state, once. `phoneNumber` comes with `connected`. */
  state(detail: SessionDetail, more?: { reason?: SessionReason; phoneNumber?: string }): void;
  fact(fact: EngineFact): void;
  /** Told beside the fact, if there is one. */
  unknownPayload(payload: UnknownPayload): void;
  /** The client types. */
  typing(typing: { waChatId: string; state: TypingState }): void;
}

/**
 * Why a file did not come. `too_large` and `gone` (WhatsApp has none) never change; `transient` may: its download broke,
 * stood still, or brought other bytes than were sent.
 */
export class MediaError extends Error {
  override readonly name = "MediaError";
  constructor(
    message: string,
    readonly kind: "too_large" | "gone" | "transient",
  ) {
    super(message);
  }
}
/** A file in order, piece by piece, each read when it is asked for. Pieces are small; an empty one says that work goes on. */
export type Pieces = AsyncIterable<Uint8Array>;

/** What became of something that was sent. */
export type Fate = "absent" | "pending" | "accepted";

/** A WhatsApp library behind our interface: one object per session and start. */
export interface Engine {
  /** Of the engine's own processes, as last measured; absent where it has none. */
  readonly memoryBytes?: number | undefined;
  /** True: its profile is whole on disk at every moment, and may be copied while it runs. Chromium's never is. */
  readonly mayCopyProfile?: boolean;
  /** Resolves once it runs; what follows (QR, syncing, connected) comes through the listener. */
  start(): Promise<void>;
  /** Resolves when WhatsApp accepted it; rejects with `SendError`. Receipts of messages follow as `ack` facts. */
  send(order: Outgoing): Promise<void>;
  /**
   * What became of it, by its key; of a reaction or a deletion, which have none in WhatsApp, by how the message is now. `absent`
   * only once synced; `pending`: not acknowledged by WhatsApp yet.
   */
  find(order: Outgoing): Promise<Fate>;
  setTyping(waChatId: string, state: TypingState): Promise<void>;
  markRead(waChatId: string): Promise<void>;
  /**
   * Reports again, as facts, what happened since then, and what became of messages of since `changesFromMs`. Resolves when all
   * of it was told; repeats are fine.
   */
  fetchSince(timestampMs: number, changesFromMs: number): Promise<void>;
  /** Null when there is none or the person hides it. From then on changes of it are told. */
  fetchProfilePicture(number: string): Promise<Uint8Array | null>;
  /**
   * Whole and as it was sent, else it throws `MediaError` (or `SendError` while the phone is not connected), at the latest
   * in place of its end. Something comes every few seconds. Whoever stops in between lets go of the file.
   */
  downloadMedia(media: EngineMedia, limitBytes: number): Pieces;
  /**
   * While a QR code is wanted, asks for codes to be typed on the phone with this number too: they come through the listener,
   * each in place of the one before, until the phone is linked or WhatsApp refuses. Another number takes the place of the first.
   */
  pairByPhone(phoneNumber: string): Promise<void>;
  /** Unlinks the phone: the next start shows a QR code. */
  logOut(): Promise<void>;
  /** Ends everything that the engine started; the link to the phone stays. */
  stop(): Promise<void>;
}

/** How long an engine may act, on our own clock. */
export interface EngineLease {
  readonly generation: number;
  /** Negative once nothing may be done any more. */
  readonly remainingMs: number;
  /** Calls `tell` whenever that was changed; the answer ends it. */
  onChange(tell: () => void): () => void;
}

/** All that an engine is given. */
export interface EngineContext {
  companyId: string;
  sessionId: string;
  /** Absolute; belongs to this session alone. What must outlive a restart goes here. */
  profileDirectory: string;
  /** Absent: it may act as long as it runs. */
  lease?: EngineLease;
  listener: EngineListener;
  log: Logger;
  /** A simulated engine adds its control here while it runs. */
  controls?: EngineControls;
}
export type CreateEngine = (context: EngineContext) => Engine;
/** Every engine there is; an engine that this connector can't run (no browser, say) is left out at start. */
export type EngineRegistry = Partial<Record<EngineName, CreateEngine>>;
