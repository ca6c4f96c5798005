import type { RealtimeClient } from "@syszap/client";
import { useMemo } from "react";
import { useRealtimeClient } from "./realtime-provider.tsx";
import { useConnectionState } from "./use-connection-state.ts";

export interface WebSocketHandle {
  /** Returns its own clean-up, so an effect may return it as it is. */
  on: RealtimeClient["on"];
  send: RealtimeClient["send"];
  isConnected: boolean;
}

/** The connection of the nearest provider. `on` and `send` stay the same functions for the client's life. */
export function useWebSocket(): WebSocketHandle {
  const client = useRealtimeClient();
  const isConnected = useConnectionState() === "connected";
  return useMemo(() => ({ on: client.on, send: client.send, isConnected }), [client, isConnected]);
}
