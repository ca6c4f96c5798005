import type { EngineName, SessionDetail, SessionReason, TypingState } from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import type { ProxyAddress } from "@syszap/platform/proxy";
import type { EngineControls } from "./controls.ts";
import type { EngineFact, EngineMedia, UnknownPayload } from "./facts.ts";
import type { HistoryPage, HistoryRequest, ListedChat } from "./history.ts";
import type { Outgoing } from "./outgoing.ts";

export type * from "./facts.ts";
export type * from "./history.ts";
export * from "./outgoing.ts";

/** Receives the events of an engine. The engine does not await it, and it must not throw. */
export interface EngineListener {
  /** A new QR code, which replaces the previous one. `raw` is the text to encode. */
  qr(qr: { raw: string; attempt: number; expiresAt: Date }): void;
  /** A new code to type on the phone given to `pairByPhone`; replaces the previous code. QR codes stay valid. */
  pairingCode(pairing: { code: string; attempt: number; expiresAt: Date }): void;
  /** WhatsApp issues no further pairing code for the number. QR codes still work. */
  pairingRefused(): void;
  /**
   * Called once per change of state. `phoneNumber` is present with `connected`. After `action_required` with `passkey_required` no codes
   * follow until the engine is started again; it may still connect.
   */
  state(detail: SessionDetail, more?: { reason?: SessionReason; phoneNumber?: string }): void;
  fact(fact: EngineFact): void;
  /** Called in addition to `fact`, if the event also has a fact. */
  unknownPayload(payload: UnknownPayload): void;
  /** Events since this time may not have been emitted: `listChats` and `readHistory` must be used to get them. */
  missed(sinceMs: number): void;
  /** The client's typing state changed. */
  typing(typing: { waChatId: string; state: TypingState }): void;
}

/**
 * Why a download failed. `too_large` and `gone` (WhatsApp no longer has the file) are permanent. `transient`: the download
 * failed, stalled, or returned bytes with a wrong hash.
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

/** A file as a stream of small pieces, each read on demand. An empty piece is a sign of life. */
export type Pieces = AsyncIterable<Uint8Array>;

/** State of an outbound operation in WhatsApp. */
export type SendState = "absent" | "pending" | "accepted";

/** A WhatsApp library or API behind a common interface. Each start of a session creates a new object. */
export interface Engine {
  /** Memory of the engine's processes at the last measurement; absent if it has no separate process. */
  readonly memoryBytes?: number | undefined;
  /** True if the profile on disk is always consistent, so that it can be copied while the engine runs. */
  readonly mayCopyProfile?: boolean;
  /** Resolves when the engine runs. Further states (QR, syncing, connected) go to the listener. */
  start(): Promise<void>;
  /** Resolves when WhatsApp has accepted the operation; rejects with `SendError`. Receipts follow as `ack` facts. */
  send(outgoing: Outgoing): Promise<void>;
  /**
   * Looks up the state of an operation by its key, or, for reactions and deletions, by the state of their target message.
   * `pending` means that WhatsApp has not acknowledged it yet. Returns `absent` only after the engine has synced.
   */
  find(outgoing: Outgoing): Promise<SendState>;
  setTyping(waChatId: string, state: TypingState): Promise<void>;
  markRead(waChatId: string): Promise<void>;
  /**
   * Whether the session receives groups from now on, see `EngineContext`. Groups are described again before their next message.
   */
  includeGroups(isIncluded: boolean): Promise<void>;
  /** Lists the chats with contacts and the groups, in any order. */
  listChats(): Promise<ListedChat[]>;
  /**
   * Reads one part of a chat, from `before` backwards. Returns the messages since `sinceMs` and the unread ones, and the changes
   * (receipts, edits, revocations, reactions) of messages since `changesFromMs`. Rejects while an earlier read still runs.
   */
  readHistory(request: HistoryRequest): Promise<HistoryPage>;
  /**
   * Returns null if the contact has no visible picture. Later changes are emitted as `contact` or `group` facts. `contact` is a
   * phone number, `<LID>@lid` for a contact without a known number, or the id of a group.
   */
  fetchProfilePicture(contact: string): Promise<Uint8Array | null>;
  /**
   * Streams a file. Yields at least an empty piece every few seconds. Throws `MediaError` if the file is not complete and
   * unaltered, at the latest instead of ending, and `SendError` while the phone is not connected. The consumer may stop at
   * any time.
   */
  downloadMedia(media: EngineMedia, limitBytes: number): Pieces;
  /**
   * Requests pairing codes for this number, in addition to QR codes. Codes go to the listener until the phone is linked or
   * WhatsApp refuses. A call with another number replaces the earlier number.
   */
  pairByPhone(phoneNumber: string): Promise<void>;
  /** Unlinks the phone: the next start shows a QR code. */
  logOut(): Promise<void>;
  /** Ends everything that the engine started. The phone stays linked. */
  stop(): Promise<void>;
}

/** The time for which an engine may act, measured by this process. */
export interface EngineLease {
  readonly generation: number;
  /** Zero or negative when the lease has ended. */
  readonly remainingMs: number;
  /** Calls the listener after each renewal or end. Returns a function that unsubscribes. */
  onChange(listener: () => void): () => void;
}

/** Everything that an engine needs to run a session. */
export interface EngineContext {
  companyId: string;
  sessionId: string;
  /** Absolute path of a directory that only this session uses. State that must survive a restart belongs here. */
  profileDirectory: string;
  /** All connections to WhatsApp must use it. Absent: the engine connects directly. */
  proxy?: ProxyAddress | undefined;
  /**
   * Whether the session receives groups. The engine then describes each group (`group` facts) before its first message and after
   * each change. Messages of groups are emitted in any case: the pipeline excludes and counts them.
   */
  groups?: boolean;
  /** Absent: the engine may act as long as it runs. */
  lease?: EngineLease;
  listener: EngineListener;
  log: Logger;
  /** A simulated engine adds its control here while it runs. */
  controls?: EngineControls;
}

export type CreateEngine = (context: EngineContext) => Engine;
/** The engines that this connector runs, by name. */
export type EngineRegistry = Partial<Record<EngineName, CreateEngine>>;
