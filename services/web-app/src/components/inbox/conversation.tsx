import type { Chat, ChatGroup, Message, Session } from "@syszap/contracts";
import { direction as directions, engines } from "@syszap/contracts/constants";
import { useQueryClient } from "@tanstack/react-query";
import { MessageCircleOff, MessagesSquare, Unplug } from "lucide-react";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError } from "../../api/api-error.ts";
import { chatName } from "../../i18n/client-name.ts";
import { lazyExtra } from "../../lib/lazy-part.ts";
import { useStore } from "../../lib/store.ts";
import { queryKeys } from "../../live/query-client.ts";
import type { Typist } from "../../live/typing.ts";
import { useSessionPacing, useSessions } from "../../page/queries.ts";
import { markRead, outgoing, typingStates } from "../../page/state.ts";
import { useIsVisible } from "../../page/use-is-visible.ts";
import { useMessages } from "../../page/use-messages.ts";
import { PacingNotice } from "../pacing/pacing-notice.tsx";
import { Empty, Loading, Waiting } from "../ui/states.tsx";
import { CustomerContext } from "./authors/use-author.ts";
import { useColleagueTyping } from "./authors/use-colleague-typing.ts";
import { Composer } from "./composer/composer.tsx";
import { DropTarget } from "./composer/drop-target.tsx";
import { ConversationHeader } from "./conversation-header.tsx";
import { NamesContext, useNames } from "./group/names-context.ts";
import { MessageList } from "./messages/message-list.tsx";
import { useJump } from "./messages/use-jump.ts";
import { useUnreadLine } from "./messages/use-unread-line.ts";
import { OriginalContext } from "./original-context.ts";
import { extrasOf } from "./sending/message-extras.ts";
import { ViewerHost } from "./viewer/viewer-host.tsx";

const JumpDialog = lazyExtra(async () => (await import("./messages/jump-dialog.tsx")).JumpDialog);

const nobody: readonly Typist[] = [];

interface ConversationProps {
  chatId: string;
  chat: Chat | undefined;
}

/** One chat: its messages and the composer. Memoised, because events of other chats render the page around it. */
export const Conversation = memo(function Conversation({ chatId, chat }: ConversationProps) {
  const { t } = useTranslation();
  const { query, window, items, hasOlder, hasNewer, loading, failed } = useMessages(chatId);
  const { target, toMessage, toTime } = useJump(window);
  const [isPickingDate, setPickingDate] = useState(false);
  const allPending = useStore(outgoing.store);
  const pending = useMemo(
    () => allPending.filter((each) => each.chatId === chatId && !each.isInConversation),
    [allPending, chatId],
  );
  const typists = useStore(typingStates.store).get(chatId) ?? nobody;
  const colleagueTyping = useColleagueTyping(typists);
  const session = useSessions().data?.find((each) => each.id === chat?.sessionId);
  const names = useNames(chat, session);
  const isVisible = useIsVisible();
  const unreadLine = useUnreadLine({ chat, messages: items, isVisible, pendingCount: pending.length });
  const unread = chat?.unreadCount ?? 0;
  const newest = items?.at(-1)?.id;
  useMarkedRead(chatId, isVisible && unread > 0, newest);
  // Only clients who never wrote count as new contacts. Messages that are not loaded may be theirs.
  const isCold =
    items !== undefined && !hasOlder && !hasNewer && !items.some(({ direction }) => direction === directions.in);
  const onResend = useCallback((message: Message) => outgoing.send(chatId, message.body, extrasOf(message)), [chatId]);
  const isReadOnly = chat?.group ? !mayWrite(chat.group, session) : false;
  const isEmpty = items?.length === 0 && pending.length === 0;
  const isMissing = query.error instanceof ApiError && [400, 403, 404, 422].includes(query.error.status);
  useLeaveWhenGone(chatId, isMissing && items !== undefined);
  const pickDate = useCallback(() => setPickingDate(true), []);

  return (
    <CustomerContext value={chat && chatName(t, chat)}>
      <NamesContext value={names}>
        <DropTarget
          chatId={chatId}
          label={chat ? chatName(t, chat) : t("inbox:title")}
          mayAttach={!isReadOnly && !isMissing}
        >
          <ConversationHeader
            chat={chat}
            session={session}
            typing={colleagueTyping}
            {...(items && !isEmpty && { onPickDate: pickDate })}
          />
          {isMissing && (
            <Empty icon={<MessageCircleOff />} title={t("inbox:notFound")} text={t("inbox:notFoundText")} />
          )}
          {!isMissing && !items && <Waiting query={query} loading={<Loading className="flex-1" />} />}
          {!isMissing && items && isEmpty && <Empty icon={<MessagesSquare />} title={t("inbox:noMessages")} />}
          {!isMissing && items && !isEmpty && (
            <ViewerHost chatId={chatId}>
              <OriginalContext value={toMessage}>
                <MessageList
                  messages={items}
                  window={window}
                  hasOlder={hasOlder}
                  hasNewer={hasNewer}
                  loading={loading}
                  failed={failed}
                  pending={pending}
                  typists={typists}
                  unreadLine={unreadLine}
                  target={target}
                  onResend={onResend}
                  onPickDate={pickDate}
                />
              </OriginalContext>
            </ViewerHost>
          )}
          {!isMissing && (
            <>
              <SessionNotice session={session} />
              <ChatPacing sessionId={chat?.sessionId} isCold={isCold} />
              {chat?.group && isReadOnly ? (
                <p
                  role="status"
                  data-testid="read-only"
                  className="border-line border-t bg-surface px-5 py-4 text-center text-muted text-sm"
                >
                  {t(chat.group.isMember ? "errors:groupsOff" : "errors:notAMember")}
                </p>
              ) : (
                <Composer
                  key={chatId}
                  chatId={chatId}
                  {...(session && { sends: engines[session.engine].capabilities.sends })}
                />
              )}
            </>
          )}
        </DropTarget>
        {isPickingDate && <JumpDialog onJump={toTime} onClose={() => setPickingDate(false)} />}
      </NamesContext>
    </CustomerContext>
  );
});

/** Least time between two requests that mark a chat as read: many messages may arrive while it is open. */
const markIntervalMs = 1_000;

/** Marks the chat as read while it is looked at. A message that arrives while it is being marked (`newest`) marks it again. */
function useMarkedRead(chatId: string, isUnread: boolean, newest: string | undefined): void {
  const markedAtMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (!isUnread) return;
    const mark = () => {
      markedAtMs.current = Date.now();
      void markRead(chatId);
    };
    const waitMs = markedAtMs.current + markIntervalMs - Date.now();
    if (waitMs <= 0) return mark();
    const timer = setTimeout(mark, waitMs);
    return () => clearTimeout(timer);
  }, [isUnread, chatId, newest]);
}

/** Whether messages can be sent to a group. */
const mayWrite = (group: ChatGroup, session: Session | undefined): boolean =>
  group.isMember && session?.groupsEnabled !== false;

/** Leads back to the list when the open chat left the user's reach: a change of teams makes the page read its data again. */
function useLeaveWhenGone(chatId: string, isGone: boolean): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const cache = useQueryClient();
  useEffect(() => {
    if (!isGone) return;
    void import("../notices/gone-notice.ts").then(({ showGoneNotice }) => showGoneNotice(chatId, t));
    cache.removeQueries({ queryKey: queryKeys.messages(chatId) });
    void navigate("/messages", { replace: true });
  }, [isGone, chatId, t, navigate, cache]);
}

function ChatPacing({ sessionId, isCold }: { sessionId: string | undefined; isCold: boolean }) {
  const { data: pacing } = useSessionPacing(sessionId);
  if (!pacing || (pacing.cause === "cold_budget" && !isCold)) return null;
  return <PacingNotice pacing={pacing} className="px-5 py-2" />;
}

function SessionNotice({ session }: { session: Session | undefined }) {
  const { t } = useTranslation();
  if (!session || session.status === "connected") return null;
  return (
    <p role="status" className="flex items-center gap-2 bg-warn-soft px-5 py-2 text-sm text-warn">
      <Unplug aria-hidden="true" className="size-4 shrink-0" />
      {t("inbox:phoneAway")}
    </p>
  );
}
