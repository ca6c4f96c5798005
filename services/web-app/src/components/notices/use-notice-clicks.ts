import { useEffect } from "react";
import { useNavigate } from "react-router";

/** Opens the chat of a push notice that was clicked while this page is open. */
export function useNoticeClicks(): void {
  const navigate = useNavigate();
  useEffect(() => {
    const container = globalThis.navigator?.serviceWorker as ServiceWorkerContainer | undefined;
    const onMessage = ({ data }: MessageEvent<{ open?: string }>) => {
      if (data.open) void navigate(data.open);
    };
    container?.addEventListener("message", onMessage);
    return () => container?.removeEventListener("message", onMessage);
  }, [navigate]);
}
