import { websocketService } from "../page/websocket-service.ts";
import { preferences } from "./preferences.ts";

const inUseMs = 10 * 60_000;
const signs = ["pointerdown", "pointermove", "keydown", "wheel"] as const;
let lastUsedAtMs = Date.now();

/**
 * Answers for this page whether it takes new messages. It does if somebody used it lately, and if it is visible or shows desktop
 * notices. Otherwise the user's subscribed browsers receive a push. Returns a function that ends the answers.
 */
export function answerPresenceChecks(): () => void {
  const onUse = () => {
    lastUsedAtMs = Date.now();
  };
  for (const sign of signs) addEventListener(sign, onUse, { passive: true });
  const end = websocketService.on("presence_check", ({ Check_Id }) => {
    if (takesMessages()) websocketService.send("present", { checkId: Check_Id });
  });
  return () => {
    for (const sign of signs) removeEventListener(sign, onUse);
    end();
  };
}

function takesMessages(): boolean {
  if (Date.now() - lastUsedAtMs > inUseMs) return false;
  return document.visibilityState === "visible" || showsDesktopNotices();
}

/** Pages of mobile browsers cannot show any. */
function showsDesktopNotices(): boolean {
  const isMobile = /Android|iPhone|iPad/.test(navigator.userAgent);
  return !isMobile && preferences.get().desktop && globalThis.Notification?.permission === "granted";
}
