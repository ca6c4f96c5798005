import { useCallback, useSyncExternalStore } from "react";
import { useRealtimeClient } from "./realtime-provider.tsx";

/** Returns the number of consecutive failed attempts to connect, and re-renders the component when it changes. */
export function useFailedAttempts(): number {
  const client = useRealtimeClient();
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = [client.on("connect_error", listener), client.onStateChange(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    [client],
  );
  return useSyncExternalStore(subscribe, () => client.failedAttempts);
}
