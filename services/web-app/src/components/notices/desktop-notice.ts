import { preferences } from "../../notices/preferences.ts";
import { claimMessages } from "../../notices/sound.ts";
import type { Incoming } from "./message-notice.tsx";

interface DesktopNotice {
  title: string;
  body?: string;
  /** A later notice with the same tag replaces this one. */
  tag: string;
  onOpen: () => void;
}

/**
 * Shows a desktop notice for the messages that no other tab has claimed. `noticeOf` describes a notice for more than one
 * message.
 */
export async function showOnDesktop(
  messages: readonly Incoming[],
  { open, noticeOf }: { open: (chatId: string) => void; noticeOf: (count: number) => DesktopNotice },
): Promise<void> {
  if (!preferences.get().desktop || typeof Notification === "undefined" || Notification.permission !== "granted")
    return;
  const mine = new Set(
    await claimMessages(
      "desktop",
      messages.map(({ data }) => data.Id),
    ),
  );
  const [first, ...others] = messages.filter(({ data }) => mine.has(data.Id));
  if (!first) return;
  const { data, name, snippet } = first;
  const single = { title: name, body: snippet, tag: data.Chat_Id, onOpen: () => open(data.Chat_Id) };
  show(others.length > 0 ? noticeOf(mine.size) : single);
}

function show({ title, body, tag, onOpen }: DesktopNotice): void {
  try {
    const notification = new Notification(title, { tag, icon: "/icon.svg", ...(body !== undefined && { body }) });
    notification.onclick = () => {
      window.focus();
      onOpen();
      notification.close();
    };
  } catch {
    // Mobile browsers allow notifications only from service workers.
  }
}
