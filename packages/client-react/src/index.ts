export { RealtimeProvider, useRealtimeClient } from "./realtime-provider.tsx";
export { useConnectionState } from "./use-connection-state.ts";
export { useEvent } from "./use-event.ts";
export { useFailedAttempts } from "./use-failed-attempts.ts";
export { useWebSocket, type WebSocketHandle } from "./use-web-socket.ts";
