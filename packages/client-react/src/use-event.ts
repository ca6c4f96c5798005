import type { ClientEventType, EventListener } from "@syszap/client";
import { useEffect, useRef } from "react";
import { useRealtimeClient } from "./realtime-provider.tsx";

/** Calls `onEvent` for each event of `type` while mounted. A new callback does not register a new listener. */
export function useEvent<Type extends ClientEventType>(type: Type, onEvent: EventListener<Type>): void {
  const client = useRealtimeClient();
  const latest = useRef(onEvent);
  useEffect(() => {
    latest.current = onEvent;
  });
  useEffect(() => client.on<Type>(type, (data, frame) => latest.current(data, frame)), [client, type]);
}
