import type { ClientFrame, DataOf, DurableType, EventFrame, EventType } from "@syszap/contracts";
import type { TicketAnswer, TicketReason } from "./ticket.ts";
import type { WebSocketConstructor } from "./transport.ts";

/**
 * `connecting` until the first welcome, `reconnecting` after it, `offline` while the device reports no network. `signed_out`
 * (the ticket request failed with 401) and `stopped` (403, or a final close code) last until `connect` is called again.
 */
export type ConnectionState =
  | "idle"
  | "connecting"
  | "connected"
  | "reconnecting"
  | "offline"
  | "signed_out"
  | "stopped";

/** Events may be missing: the page must read its data again. The delay that the gateway requested has passed already. */
export interface ResyncNotice {
  reason: string;
}
/** An event of the company's log. */
export type DurableFrame<Type extends DurableType = DurableType> = {
  [Each in Type]: EventFrame<Each> & { version: number };
}[Type];

/** Why an attempt to connect failed. The client tries again unless its state is `signed_out` or `stopped`. */
export interface ConnectFailure {
  /** The ticket request, or the socket itself. */
  step: "ticket" | "socket";
  message: string;
  /** HTTP status of the refusal, if the runtime exposes it: browsers and Node's own WebSocket hide that of a refused socket. */
  status: number | undefined;
}

interface NoticeData {
  connect_error: ConnectFailure;
  resync: ResyncNotice;
  /** The gateway accepted the connection. Ephemeral events, such as a QR code, may have been missed before. */
  welcome: { connectionId: string; recovered: boolean };
  pong: { timestamp: string };
  error: { code: string; message: string };
}
export type ClientEventType = EventType | keyof NoticeData;
export type ListenerData<Type extends ClientEventType> = Type extends EventType
  ? DataOf<Type>
  : Type extends keyof NoticeData
    ? NoticeData[Type]
    : never;
/** `frame` is the whole event, with `id` and, if durable, `version`. It is undefined for notices of the client itself. */
export type EventListener<Type extends ClientEventType> = (
  data: ListenerData<Type>,
  frame: Type extends EventType ? EventFrame<Type> : undefined,
) => void;

type ClientFrameData<Type extends ClientFrame["type"]> =
  Extract<ClientFrame, { type: Type }> extends {
    data?: infer Data;
  }
    ? Data
    : never;

export interface RealtimeClientOptions {
  /** Absolute ws(s):// or http(s):// URL, or a path on the page's origin, such as `/ws`. */
  url: string;
  /** Called before each connection attempt, and before the access of the open connection ends. May reject with a `TicketError`. */
  getTicket: (request: { reason: TicketReason; signal: AbortSignal }) => Promise<TicketAnswer>;
  /** Required in Node before 22, which has no global WebSocket: pass the class of the `ws` package. */
  webSocket?: WebSocketConstructor;
  /** Epoch milliseconds. */
  now?: () => number;
  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  random?: () => number;
  debug?: boolean | ((message: string, detail?: unknown) => void);
}

export interface RealtimeClient {
  readonly state: ConnectionState;
  /** The failure of the last attempt; undefined while connected. */
  readonly lastFailure: ConnectFailure | undefined;
  /** Consecutive attempts that failed; 0 while connected. Each failure also emits `connect_error`. */
  readonly failedAttempts: number;
  /**
   * Opens the connection and keeps it open. Calling it again with the same company and user has no effect. A program with an API
   * key calls it without arguments. Throws when the runtime has no WebSocket and none was passed.
   */
  connect(companyId?: string, userId?: string): void;
  /** Closes the connection. The cursor is kept, so that a later `connect` of the same user resumes. */
  disconnect(): void;
  /** Attempts to connect now instead of after the backoff. Without effect while connected, signed out or disconnected. */
  retry(): void;
  /** Each durable event is delivered exactly once, in the order of the company's log. Returns a function that removes the listener. */
  on<Type extends ClientEventType>(type: Type, listener: EventListener<Type>): () => void;
  off<Type extends ClientEventType>(type: Type, listener: EventListener<Type>): void;
  /** Receives durable events of every type, before the listeners of the type. Returns a function that removes the listener. */
  onDurable(listener: (frame: DurableFrame) => void): () => void;
  /** Returns false while there is no connection; the frame is then discarded. */
  send<Type extends Exclude<ClientFrame["type"], "refresh">>(type: Type, data: ClientFrameData<Type>): boolean;
  onStateChange(listener: (state: ConnectionState) => void): () => void;
  /**
   * Fetches a snapshot, then applies the durable events that arrived during the request, so that an older answer never
   * overwrites a newer event. `apply` must merge by id and version. Waits for the first cursor before it fetches.
   */
  snapshot<Value>(fetch: () => Promise<Value>, apply: (value: Value, frame: DurableFrame) => Value): Promise<Value>;
}
