/** What webhook-sender sends: no text of a message (decision 077). */
export interface PushPayload {
  /** Null: the notice is about several chats. */
  chatId: string | null;
  /** Of the client or group. Empty or null if it is not known. */
  name: string | null;
  /** Number of new messages. */
  count: number;
  language: string;
}

/** The service worker has these texts of its own: the page's translations are not loaded there. */
const texts = {
  "pt-BR": { one: "Nova mensagem", many: (count: number) => `${count} novas mensagens`, title: "sysZap" },
  en: { one: "New message", many: (count: number) => `${count} new messages`, title: "sysZap" },
};

/** The notice of a push. A newer one about the same chat replaces it. */
export function noticeOf({ chatId, name, count, language }: PushPayload): NotificationOptions & { title: string } {
  const { one, many, title } = language === "en" ? texts.en : texts["pt-BR"];
  return {
    title: name || title,
    body: count === 1 ? one : many(count),
    tag: chatId ?? "several-chats",
    icon: "/icons/icon-192.png",
    badge: "/icons/badge-96.png",
    lang: language,
    data: { chatId },
    // Sounds again although it replaces an older notice.
    renotify: true,
  } as NotificationOptions & { title: string };
}
