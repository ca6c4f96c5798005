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

/** What the browser says of the network. A hint only: it errs both ways. Always true outside of a browser. */
export const isOnline = (): boolean => page.navigator?.onLine !== false;

/** Calls back when the network went, and when it is worth a try: the network came back or the page became visible. */
export function watchSurroundings(onOffline: () => void, onWorthATry: () => void): () => void {
  const onVisibility = () => {
    if (page.document?.visibilityState === "visible") onWorthATry();
  };
  page.addEventListener?.("offline", onOffline);
  page.addEventListener?.("online", onWorthATry);
  page.document?.addEventListener("visibilitychange", onVisibility);
  return () => {
    page.removeEventListener?.("offline", onOffline);
    page.removeEventListener?.("online", onWorthATry);
    page.document?.removeEventListener("visibilitychange", onVisibility);
  };
}
