import { useEvent } from "@syszap/client-react";
import type { DataOf, Session } from "@syszap/contracts";
import { direction, messageKindOf } from "@syszap/contracts/constants";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMatch, useNavigate } from "react-router";
import { Toaster, toast } from "sonner";
import { chatPicture, clientName } from "../../i18n/client-name.ts";
import { queryKeys } from "../../live/query-client.ts";
import { preferences } from "../../notices/preferences.ts";
import { playNotice, vibrate } from "../../notices/sound.ts";
import { useMe } from "../../page/me.ts";
import { useChats, useUnreadMessages } from "../../page/queries.ts";
import { outgoing, pendingChanges, traffic, typingStates } from "../../page/state.ts";
import { Avatar } from "../ui/avatar.tsx";
import { useIsWide } from "../ui/use-is-wide.ts";
import { showGoneNotice } from "./gone-notice.ts";
import { showLateNotice } from "./late-notice.ts";
import { ToastIds } from "./toast-ids.ts";

const maxSnippetLength = 140;
const toastIds = new ToastIds();

/** Notifies the user about events outside the visible conversation, by toast, sound and desktop notification. */
export function Notices() {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const openChatId = useMatch("/messages/:chatId")?.params.chatId;
  const isWide = useIsWide();
  const [announcement, setAnnouncement] = useState("");

  useEvent("new_message", (data) => {
    traffic.count(data.Direction);
    if (data.Direction === direction.out) {
      const authorId = data.Author?.Id;
      if (authorId !== undefined) typingStates.end(data.Chat_Id, authorId);
      // An older server sends no author.
      if (authorId === undefined || authorId === me.userId) outgoing.onOwnMessage(data.Chat_Id, data.Body);
      return;
    }
    typingStates.end(data.Chat_Id, undefined);
    const snippet = data.Body.trim().slice(0, maxSnippetLength) || t(`message:kind.${messageKindOf(data.Type)}`);
    const name = data.Client ? clientName(t, data.Client.Name) : (data.Group?.Subject ?? "");
    setAnnouncement(t("inbox:from", { name, body: snippet }));
    const isVisible = data.Chat_Id === openChatId && document.visibilityState === "visible";
    if (isVisible) return;
    if (data.Late) showLateNotice(t);
    else notify({ data, name, snippet }, () => navigate(`/messages/${data.Chat_Id}`));
  });
  useEvent("chat_gone", ({ Id }) => {
    typingStates.endAll(Id);
    const shown = toastIds.release(Id);
    if (shown) toast.dismiss(shown);
    if (Id !== openChatId) return;
    navigate("/messages", { replace: true });
    showGoneNotice(Id, t);
  });
  useEvent("message_update", (data) => pendingChanges.onMessageUpdate(data));
  useEvent("message_status", (data) => pendingChanges.onMessageStatus(data));
  useEvent("new_client", (data) => {
    toast.success(t("notices:newClient"), { id: `client-${data.Id}`, description: clientName(t, data.Name) });
  });
  useEvent("typing", (data) => {
    if (data.User_Id !== me.userId) typingStates.onTyping(data);
  });
  useEvent("announcement", ({ title, body, level }) => {
    const show = { info: toast.info, warning: toast.warning, critical: toast.error }[level];
    show(title, { description: body, duration: level === "critical" ? Number.POSITIVE_INFINITY : 10_000 });
  });
  useEvent("session_pacing", ({ sessionId, cause }) => {
    const show = cause ? toast.warning : toast.success;
    const name = cache.getQueryData<Session[]>(queryKeys.sessions)?.find((each) => each.id === sessionId)?.name;
    show(t(`pacing:notice.${cause ?? "none"}`), { id: `pacing-${sessionId}`, ...(name && { description: name }) });
  });
  useEvent("webhook_disabled", ({ webhookId, url, reason }) => {
    toast.error(t(`webhooks:notice.${reason}`), { id: `webhook-${webhookId}`, description: url, duration: 30_000 });
  });
  useTitle();

  // The bottom of an open chat shows its newest messages and the composer.
  const widePosition = openChatId ? "top-right" : "bottom-right";

  return (
    <>
      <div data-testid="toast">
        <Toaster
          position={isWide ? widePosition : "top-center"}
          // Toasts do not replace each other, so none may cover another.
          expand
          // The header of an open chat has no buttons at its right.
          offset={{ top: 8, bottom: 84, right: 20 }}
          mobileOffset={{ top: 64 }}
          theme="system"
          visibleToasts={3}
          closeButton
          richColors
          containerAriaLabel={t("notices:label")}
          style={{ fontFamily: "inherit" }}
        />
      </div>
      <p aria-live="polite" className="sr-only">
        {announcement}
      </p>
    </>
  );
}

interface Notice {
  data: DataOf<"new_message">;
  name: string;
  snippet: string;
}

function notify(notice: Notice, open: () => void): void {
  const { data } = notice;
  playNotice();
  vibrate();
  const id = toastIds.idFor(data.Chat_Id);
  const onOpen = () => {
    toast.dismiss(id);
    open();
  };
  toast.custom(() => <MessageNotice {...notice} onOpen={onOpen} />, { id, duration: 5_000 });
  if (document.visibilityState === "hidden") showOnDesktop(notice, open);
}

interface MessageNoticeProps extends Notice {
  onOpen: () => void;
}

function MessageNotice({ data, name, snippet, onOpen }: MessageNoticeProps) {
  const { items } = useChats("");
  const chat = items?.find(({ id }) => id === data.Chat_Id);
  return (
    <button
      type="button"
      data-testid="message-notice"
      onClick={onOpen}
      className="flex w-89 max-w-[calc(100vw-2rem)] items-center gap-3 rounded-xl border border-line bg-raised p-3 text-left text-ink shadow-float"
    >
      <Avatar name={name} pictureUrl={chat ? chatPicture(chat) : null} className="size-10 text-sm" />
      <span className="min-w-0 flex-1">
        <span dir="auto" className="block truncate font-semibold text-sm">
          {name}
        </span>
        <span dir="auto" className="line-clamp-2 text-muted text-sm [overflow-wrap:anywhere]">
          {snippet}
        </span>
      </span>
    </button>
  );
}

function showOnDesktop({ data, name, snippet: body }: Notice, open: () => void): void {
  if (!preferences.get().desktop || typeof Notification === "undefined" || Notification.permission !== "granted")
    return;
  try {
    const notification = new Notification(name, { body, tag: data.Chat_Id, icon: "/icon.svg" });
    notification.onclick = () => {
      window.focus();
      open();
      notification.close();
    };
  } catch {
    // Mobile browsers allow notifications only from service workers.
  }
}

/** Shows the number of unread messages in the title of the tab. */
function useTitle(): void {
  const unread = useUnreadMessages();
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) sysZap` : "sysZap";
    return () => {
      document.title = "sysZap";
    };
  }, [unread]);
}
