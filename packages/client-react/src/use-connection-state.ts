import type { ConnectionState } from "@syszap/client";
import { useSyncExternalStore } from "react";
import { useRealtimeClient } from "./realtime-provider.tsx";

/** Renders again whenever the connection changes its state. */
export function useConnectionState(): ConnectionState {
  const client = useRealtimeClient();
  return useSyncExternalStore(client.onStateChange, () => client.state);
}
