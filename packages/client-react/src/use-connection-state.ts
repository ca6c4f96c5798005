import type { ConnectionState } from "@syszap/client";
import { useSyncExternalStore } from "react";
import { useRealtimeClient } from "./realtime-provider.tsx";

/** Returns the connection state and re-renders the component when it changes. */
export function useConnectionState(): ConnectionState {
  const client = useRealtimeClient();
  return useSyncExternalStore(client.onStateChange, () => client.state);
}
