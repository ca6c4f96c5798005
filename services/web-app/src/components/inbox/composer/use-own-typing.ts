import { useWebSocket } from "@syszap/client-react";
import { useCallback, useEffect, useMemo, useRef } from "react";

/** A typing notice ends after `typingTimeoutMs` (10 s), so it is repeated before that, but not for every key. */
const repeatMs = 4_000;
const idleMs = 5_000;

/** Sends typing notices to the client and to colleagues while the user writes. */
export function useOwnTyping(chatId: string): { onInput: (text: string) => void; stop: () => void } {
  const { send } = useWebSocket();
  const lastSentAt = useRef(0);
  const idle = useRef<ReturnType<typeof setTimeout>>(undefined);

  const stop = useCallback(() => {
    clearTimeout(idle.current);
    if (lastSentAt.current === 0) return;
    lastSentAt.current = 0;
    send("typing", { chatId, state: "paused" });
  }, [chatId, send]);

  const onInput = useCallback(
    (text: string) => {
      if (text.trim() === "") {
        stop();
        return;
      }
      clearTimeout(idle.current);
      idle.current = setTimeout(stop, idleMs);
      if (Date.now() - lastSentAt.current < repeatMs) return;
      lastSentAt.current = Date.now();
      send("typing", { chatId, state: "composing" });
    },
    [chatId, send, stop],
  );

  useEffect(() => stop, [stop]);
  return useMemo(() => ({ onInput, stop }), [onInput, stop]);
}
