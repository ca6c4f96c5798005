import type { DataOf } from "@syszap/contracts";
import { messageKindOf } from "@syszap/contracts/constants";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { toast } from "sonner";
import { clientName } from "../../i18n/client-name.ts";
import { useParticipantName } from "../../i18n/participant-name.ts";
import { senderOf } from "../../live/event-mapping.ts";
import { preferences } from "../../notices/preferences.ts";
import { signalMessages } from "../../notices/sound.ts";
import { holdVisible, visibleChats } from "../../notices/tabs.ts";
import { useIsVisible } from "../../page/use-is-visible.ts";
import { CountingNotice } from "./counting-notice.ts";
import { showOnDesktop } from "./desktop-notice.ts";
import { type Incoming, MessageNotice } from "./message-notice.tsx";
import { maxMessageToasts, type ToastIds } from "./toast-ids.ts";
import { useAnnouncement } from "./use-announcement.ts";
import { useBatches } from "./use-batches.ts";

const maxSnippetLength = 140;
const manyMessages = new CountingNotice("many-messages");
/** Messages that were written while a session was not connected: there may be hundreds at once. */
const lateMessages = new CountingNotice("late-messages");

/**
 * Notifies about messages of chats that no tab of this browser shows. Returns a function that adds a message, and a text about the
 * newest ones for screen readers.
 */
export function useMessageNotices(openChatId: string | undefined, toastIds: ToastIds) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const nameOf = useParticipantName();
  const isVisible = useIsVisible();
  const { announcement, add: addToAnnouncement } = useAnnouncement<Incoming>((messages) => {
    const { name = "", snippet: body = "" } = messages.at(-1) ?? {};
    return messages.length > 1 ? t("notices:messages", { count: messages.length }) : t("inbox:from", { name, body });
  });
  useEffect(() => (isVisible ? holdVisible(openChatId) : undefined), [isVisible, openChatId]);

  const open = (chatId: string) => void navigate(`/messages/${chatId}`);
  const openList = () => void navigate("/messages");
  const showToasts = (messages: readonly Incoming[]) => {
    const newestOfChat = new Map(messages.map((message) => [message.data.Chat_Id, message]));
    if (newestOfChat.size > maxMessageToasts) {
      const textOf = (count: number) => ({ title: t("notices:messages", { count }) });
      manyMessages.show(messages.length, textOf, { label: t("notices:open"), onClick: openList });
      return;
    }
    if (!preferences.get().page) return;
    for (const message of newestOfChat.values()) showToast(message, toastIds, open);
  };
  const announce = async (batch: Incoming[]): Promise<void> => {
    for (const message of batch) addToAnnouncement(message);
    const shownInTabs = new Set(await visibleChats());
    // This tab's lock may not be granted yet, and pages without HTTPS have no locks.
    const isHere = document.visibilityState === "visible";
    if (isHere) shownInTabs.add(openChatId);
    const messages = batch.filter(({ data }) => !shownInTabs.has(data.Chat_Id));
    if (messages.length === 0) return;
    const live = messages.filter(({ data }) => !data.Late);
    const lateCount = messages.length - live.length;
    if (lateCount > 0) lateMessages.show(lateCount, (count) => ({ title: t("notices:late", { count }) }));
    showToasts(live);
    if (shownInTabs.size === 0) {
      const noticeOf = (count: number) => ({
        title: t("notices:messages", { count }),
        tag: "many-messages",
        onOpen: openList,
      });
      await showOnDesktop(live, { open, noticeOf });
    }
    await signalMessages(messages.map(({ data }) => data.Id));
  };
  const add = useBatches<Incoming>((batch) => void announce(batch));
  const onMessage = (data: DataOf<"new_message">) => {
    if (data.Group && !data.Group.Notify_All && !data.Mentions_Us) return;
    const text = data.Body.trim().slice(0, maxSnippetLength) || t(`message:kind.${messageKindOf(data.Type)}`);
    const { sender } = senderOf(data.Sender);
    const snippet = sender ? `${nameOf(sender)}: ${text}` : text;
    const name = data.Client ? clientName(t, data.Client.Name) : data.Group?.Subject || t("inbox:group.noSubject");
    add({ data, name, snippet });
  };
  return { onMessage, announcement };
}

function showToast(message: Incoming, toastIds: ToastIds, open: (chatId: string) => void): void {
  const chatId = message.data.Chat_Id;
  const id = toastIds.idFor(chatId);
  const onOpen = () => {
    toast.dismiss(id);
    open(chatId);
  };
  toast.custom(() => <MessageNotice {...message} onOpen={onOpen} />, { id, duration: 5_000 });
}
