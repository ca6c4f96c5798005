export { createRealtimeClient } from "./client.ts";
export { type TicketAnswer, TicketError, type TicketReason } from "./ticket.ts";
export type { WebSocketConstructor, WebSocketLike } from "./transport.ts";
export type {
  ClientEventType,
  ConnectFailure,
  ConnectionState,
  DurableFrame,
  EventListener,
  ListenerData,
  RealtimeClient,
  RealtimeClientOptions,
  ResyncNotice,
} from "./types.ts";
