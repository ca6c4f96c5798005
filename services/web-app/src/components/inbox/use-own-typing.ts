import { useWebSocket } from "@syszap/client-react";
import { useCallback, useEffect, useMemo, useRef } from "react";

/** It ends by itself after 10 s, so it is said again before that, and not with every key. */
const repeatMs = 4_000;
const idleMs = 5_000;

/** Tells the customer and the colleagues that this person is typing. */
export function useOwnTyping(chatId: string): { touch: (text: string) => void; stop: () => void } {
  const { send } = useWebSocket();
  const saidAt = useRef(0);
  const idle = useRef<ReturnType<typeof setTimeout>>(undefined);

  const stop = useCallback(() => {
    clearTimeout(idle.current);
    if (saidAt.current === 0) return;
    saidAt.current = 0;
    send("typing", { chatId, state: "paused" });
  }, [chatId, send]);

  const touch = useCallback(
    (text: string) => {
      if (text.trim() === "") {
        stop();
        return;
      }
      clearTimeout(idle.current);
      idle.current = setTimeout(stop, idleMs);
      if (Date.now() - saidAt.current < repeatMs) return;
      saidAt.current = Date.now();
      send("typing", { chatId, state: "composing" });
    },
    [chatId, send, stop],
  );

  useEffect(() => stop, [stop]);
  return useMemo(() => ({ touch, stop }), [touch, stop]);
}
