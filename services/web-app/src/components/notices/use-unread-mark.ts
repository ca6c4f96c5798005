import { useEffect } from "react";

const icons = { none: "/icon.svg", unread: "/icon-unread.svg" };

/** Shows the number of unread messages in the title of the tab, at the icon of the installed app, and a dot in the tab's icon. */
export function useUnreadMark(unread: number): void {
  useEffect(() => {
    show(unread);
    return () => show(0);
  }, [unread]);
}

function show(unread: number): void {
  document.title = unread > 0 ? `(${unread}) sysZap` : "sysZap";
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  icon?.setAttribute("href", unread > 0 ? icons.unread : icons.none);
  // Not in every browser, and refused if the app is not installed.
  const setBadge = unread > 0 ? navigator.setAppBadge?.(unread) : navigator.clearAppBadge?.();
  setBadge?.catch(() => undefined);
}
