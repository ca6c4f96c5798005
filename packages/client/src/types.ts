import type { ClientFrame, DataOf, DurableType, EventFrame, EventType } from "@syszap/contracts";
import type { TicketAnswer, TicketReason } from "./ticket.ts";
import type { WebSocketConstructor } from "./transport.ts";

/**
 * `connecting` the first time and `reconnecting` after that; `offline` while the device says that it has no network.
 * `signed_out` (the ticket was answered with 401) and `stopped` (403) end it until `connect` is called again.
 */
export type ConnectionState =
  | "idle"
  | "connecting"
  | "connected"
  | "reconnecting"
  | "offline"
  | "signed_out"
  | "stopped";

/** What the page holds may have a hole: it reads everything again. The spread that the gateway asked for is over. */
export interface ResyncNotice {
  reason: string;
}
/** An event that has a place in the company's log, with that place. */
export type DurableFrame<Type extends DurableType = DurableType> = {
  [Each in Type]: EventFrame<Each> & { version: number };
}[Type];

interface NoticeData {
  resync: ResyncNotice;
  /** The gateway accepted the connection: ephemeral things (a QR code) may have been missed before it. */
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
/** The second argument is the whole frame, with `id` and (durable) `version`; notices of the client itself have none. */
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
  /** `/ws` of this page's origin, or a whole ws(s):// or http(s):// address. */
  url: string;
  /** Called for every attempt and before the connection's authority ends; reject with a `TicketError` to say why not. */
  getTicket: (request: { reason: TicketReason; signal: AbortSignal }) => Promise<TicketAnswer>;
  /** For Node before 22, which has no WebSocket of its own: the class of the `ws` package. */
  webSocket?: WebSocketConstructor;
  /** Epoch milliseconds. */
  now?: () => number;
  /** From 0 up to 1. */
  random?: () => number;
  debug?: boolean | ((message: string, detail?: unknown) => void);
}

export interface RealtimeClient {
  readonly state: ConnectionState;
  /** Opens the one connection and keeps it; again with the same company and user it does nothing. */
  connect(companyId: string, userId: string): void;
  /** Closes and stays closed. The place in the log is kept, so a later `connect` of the same user resumes. */
  disconnect(): void;
  /** Each durable event comes exactly once and in the company's order. Returns its own clean-up. */
  on<Type extends ClientEventType>(type: Type, listener: EventListener<Type>): () => void;
  off<Type extends ClientEventType>(type: Type, listener: EventListener<Type>): void;
  /** Every durable event, of any type, before the listeners of its type. Returns its own clean-up. */
  onDurable(listener: (frame: DurableFrame) => void): () => void;
  /** False when there is no connection: nothing is kept for later. */
  send<Type extends Exclude<ClientFrame["type"], "refresh">>(type: Type, data: ClientFrameData<Type>): boolean;
  onStateChange(listener: (state: ConnectionState) => void): () => void;
  /**
   * Reads a snapshot and applies again the durable events that came since the request began, so that an answer can
   * never undo what an event already told. `apply` merges by id and version. Waits for the first place in the log.
   */
  snapshot<Value>(fetch: () => Promise<Value>, apply: (value: Value, frame: DurableFrame) => Value): Promise<Value>;
}
