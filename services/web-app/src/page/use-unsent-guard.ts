import { useEvent } from "@syszap/client-react";
import { useEffect } from "react";
import { drafts, outgoing } from "./state.ts";

/** Sends again what failed without a network, saves texts when the page ends, and lets the browser ask first when files or messages would be lost. */
export function useUnsentGuard(): void {
  useEvent("welcome", () => outgoing.retryUnreachable());
  useEffect(() => {
    const onBeforeUnload = (event: BeforeUnloadEvent) => {
      if (drafts.hasFiles || outgoing.store.get().length > 0) event.preventDefault();
    };
    const onHide = () => drafts.flush();
    const onStorage = (event: StorageEvent) => drafts.onStorage(event);
    window.addEventListener("beforeunload", onBeforeUnload);
    window.addEventListener("pagehide", onHide);
    window.addEventListener("storage", onStorage);
    return () => {
      window.removeEventListener("beforeunload", onBeforeUnload);
      window.removeEventListener("pagehide", onHide);
      window.removeEventListener("storage", onStorage);
    };
  }, []);
}
