interface EventSource {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}
interface Page {
  navigator?: { onLine?: boolean };
  document?: EventSource & { visibilityState: string };
  addEventListener?: EventSource["addEventListener"];
  removeEventListener?: EventSource["removeEventListener"];
}
const page = globalThis as unknown as Page;

/** The browser's network status: a hint that can be wrong in both directions. Always true outside of a browser. */
export const isOnline = (): boolean => page.navigator?.onLine !== false;

/** Calls `onOffline` when the network is lost, and `onRetryHint` when it is back or the page becomes visible. Returns a cleanup. */
export function watchNetwork(onOffline: () => void, onRetryHint: () => void): () => void {
  const onVisibility = () => {
    if (page.document?.visibilityState === "visible") onRetryHint();
  };
  page.addEventListener?.("offline", onOffline);
  page.addEventListener?.("online", onRetryHint);
  page.document?.addEventListener("visibilitychange", onVisibility);
  return () => {
    page.removeEventListener?.("offline", onOffline);
    page.removeEventListener?.("online", onRetryHint);
    page.document?.removeEventListener("visibilitychange", onVisibility);
  };
}
