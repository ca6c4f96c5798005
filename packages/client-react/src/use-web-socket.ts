import type { RealtimeClient } from "@syszap/client";
import { useMemo } from "react";
import { useRealtimeClient } from "./realtime-provider.tsx";
import { useConnectionState } from "./use-connection-state.ts";

export interface WebSocketHandle {
  /** Returns a function that removes the listener, so an effect can return the result directly. */
  on: RealtimeClient["on"];
  send: RealtimeClient["send"];
  isConnected: boolean;
}

/** Returns the connection of the nearest provider. `on` and `send` are stable: they never change for one client. */
export function useWebSocket(): WebSocketHandle {
  const client = useRealtimeClient();
  const isConnected = useConnectionState() === "connected";
  return useMemo(() => ({ on: client.on, send: client.send, isConnected }), [client, isConnected]);
}
