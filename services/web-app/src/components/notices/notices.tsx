import { useEvent } from "@syszap/client-react";
import type { DataOf, Session } from "@syszap/contracts";
import { direction } from "@syszap/contracts/constants";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useMatch, useNavigate } from "react-router";
import { Toaster, toast } from "sonner";
import { clientName } from "../../i18n/client-name.ts";
import { queryKeys } from "../../live/query-client.ts";
import { useMe } from "../../page/me.ts";
import { useUnreadMessages } from "../../page/queries.ts";
import { outgoing, pendingChanges, typingStates } from "../../page/state.ts";
import { useIsWide } from "../ui/use-is-wide.ts";
import { CountingNotice } from "./counting-notice.ts";
import { showGoneNotice } from "./gone-notice.ts";
import { ToastIds } from "./toast-ids.ts";
import { useBatches } from "./use-batches.ts";
import { useMessageNotices } from "./use-message-notices.tsx";
import { useNoticeClicks } from "./use-notice-clicks.ts";
import { useReleaseNotice } from "./use-release-notice.ts";
import { useUnreadMark } from "./use-unread-mark.ts";

const toastIds = new ToastIds();
const newClients = new CountingNotice("new-clients");

/**
 * Notifies the user about events outside the visible conversation, by toast, sound and desktop notification. `onReady` is called when
 * it listens.
 */
export function Notices({ onReady }: { onReady: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const openChatId = useMatch("/messages/:chatId")?.params.chatId;
  const isWide = useIsWide();
  const { onMessage, announcement } = useMessageNotices(openChatId, toastIds);
  const onNewClient = useBatches<DataOf<"new_client">>((batch) => {
    const [first] = batch;
    newClients.show(batch.length, (count) =>
      count === 1
        ? { title: t("notices:newClient"), description: clientName(t, first?.Name ?? "") }
        : { title: t("notices:newClients", { count }) },
    );
  });

  useEvent("new_message", (data) => {
    if (data.Content?.note) return;
    if (data.Direction === direction.out) {
      const authorId = data.Author?.Id;
      if (authorId !== undefined) typingStates.end(data.Chat_Id, authorId);
      // An older server sends no author.
      if (authorId === undefined || authorId === me.userId) outgoing.onOwnMessage(data.Chat_Id, data.Body);
      return;
    }
    typingStates.end(data.Chat_Id, undefined);
    onMessage(data);
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
  useEvent("new_client", onNewClient);
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
  useUnreadMark(useUnreadMessages());
  useReleaseNotice();
  useNoticeClicks();
  // After the effects above, which listen.
  useEffect(onReady, [onReady]);

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
