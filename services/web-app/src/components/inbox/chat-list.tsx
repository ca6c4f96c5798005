import type { Author, Chat, MessageContext } from "@syszap/contracts";
import { messageKindOf } from "@syszap/contracts/constants";
import { AtSign, MessagesSquare } from "lucide-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { avatarOf, chatName } from "../../i18n/client-name.ts";
import { useFormats } from "../../i18n/format.ts";
import { useNumberFormat } from "../../i18n/phone-numbers.ts";
import { useStore } from "../../lib/store.ts";
import { clientAmong, type Typist } from "../../live/typing.ts";
import { useColleagues } from "../../page/colleagues.ts";
import { useChats, useSessions } from "../../page/queries.ts";
import { typingStates } from "../../page/state.ts";
import { useDraft } from "../../page/use-draft.ts";
import { Avatar } from "../ui/avatar.tsx";
import { plainText } from "../ui/rich-text/formatting.ts";
import { SearchField } from "../ui/search-field.tsx";
import { Empty, QueryList } from "../ui/states.tsx";
import { useAuthor } from "./authors/use-author.ts";
import { useColleagueTyping } from "./authors/use-colleague-typing.ts";

/** All chats, sorted by their newest message. */
export function ChatList({ openChatId }: { openChatId: string | undefined }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const { query, items, hasMore, loadMore } = useChats(search);
  const typing = useStore(typingStates.store);
  const { data: sessions = [] } = useSessions();
  // With several numbers, each chat shows the one that it belongs to.
  const sessionNames = new Map(sessions.length > 1 ? sessions.map(({ id, name }) => [id, name]) : []);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="grid gap-3 px-4 pt-4 pb-3">
        <h1 className="font-bold text-xl tracking-tight">{t("inbox:title")}</h1>
        <SearchField label={t("inbox:search")} onSearch={setSearch} />
      </header>
      <QueryList
        query={query}
        items={items}
        empty={
          <Empty
            icon={<MessagesSquare />}
            title={t(search ? "inbox:noMatch" : "inbox:emptyTitle")}
            {...(search ? {} : { text: t("inbox:emptyText") })}
          />
        }
      >
        {(chats) => (
          <ul
            className="min-h-0 flex-1 overflow-y-auto px-2 pb-2"
            onScroll={({ currentTarget: list }) => {
              const isNearEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 400;
              if (hasMore && isNearEnd) void loadMore().catch(() => undefined);
            }}
          >
            {chats.map((chat) => (
              <ChatRow
                key={chat.id}
                chat={chat}
                isOpen={chat.id === openChatId}
                typists={typing.get(chat.id)}
                sessionName={sessionNames.get(chat.sessionId)}
              />
            ))}
          </ul>
        )}
      </QueryList>
    </div>
  );
}

interface ChatRowProps {
  chat: Chat;
  isOpen: boolean;
  typists: readonly Typist[] | undefined;
  sessionName: string | undefined;
}

const ChatRow = memo(function ChatRow({ chat, isOpen, typists, sessionName }: ChatRowProps) {
  const { t } = useTranslation();
  const { short } = useFormats();
  const { lastMessage, unreadCount, group } = chat;
  const hasUnread = unreadCount > 0;
  /** The badge of the page does not count its messages. */
  const isQuiet = group !== null && !group.notifyAll && group.unreadMentions === 0;
  return (
    <li className="[contain-intrinsic-size:auto_4.25rem] [content-visibility:auto]">
      <Link
        to={`/messages/${chat.id}`}
        data-testid="chat-item"
        data-chat-id={chat.id}
        aria-current={isOpen ? "page" : undefined}
        className={`flex items-center gap-3 rounded-xl px-2.5 py-2.5 transition-colors focus-visible:outline-offset-[-2px] ${isOpen ? "bg-accent-soft" : "hover:bg-hover"}`}
      >
        <Avatar {...avatarOf(t, chat)} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline justify-between gap-2">
            <span dir="auto" className="truncate font-semibold">
              {chatName(t, chat)}
            </span>
            {lastMessage && (
              <time
                dateTime={lastMessage.timestamp}
                className={`shrink-0 text-xs ${hasUnread ? "font-semibold text-accent" : "text-muted"}`}
              >
                {short(lastMessage.timestamp)}
              </time>
            )}
          </span>
          <span className="flex items-center justify-between gap-2">
            <span dir="auto" className={`truncate text-sm ${hasUnread ? "text-ink" : "text-muted"}`}>
              {typists ? <TypingText typists={typists} /> : <DraftOrPreview chat={chat} isOpen={isOpen} />}
            </span>
            {sessionName && (
              <span className="ml-auto max-w-20 shrink-0 truncate rounded border border-line px-1 text-[0.6875rem] text-muted">
                {sessionName}
              </span>
            )}
            {group !== null && group.unreadMentions > 0 && (
              <AtSign
                role="img"
                aria-label={t("inbox:group.mentions", { count: group.unreadMentions })}
                className="size-4 shrink-0 text-accent"
              />
            )}
            {hasUnread && (
              <span
                role="img"
                aria-label={t("inbox:unread", { count: unreadCount })}
                className={`grid h-5 min-w-5 shrink-0 place-items-center rounded-full px-1.5 font-semibold text-xs ${isQuiet ? "bg-line text-muted" : "bg-accent text-on-accent"}`}
              >
                {unreadCount > 99 ? "99+" : unreadCount}
              </span>
            )}
          </span>
        </span>
      </Link>
    </li>
  );
});

function TypingText({ typists }: { typists: readonly Typist[] }) {
  const { t } = useTranslation();
  const colleagues = useColleagueTyping(typists);
  const client = clientAmong(typists);
  const text = client ? t(client.state === "recording" ? "inbox:recording" : "inbox:typing") : colleagues;
  return <em className="text-accent not-italic">{text}</em>;
}

/** The draft of a chat that is not open, otherwise its last message. */
function DraftOrPreview({ chat: { id, lastMessage }, isOpen }: { chat: Chat; isOpen: boolean }) {
  const { t } = useTranslation();
  const { text, files } = useDraft(id);
  if (isOpen || (text.trim() === "" && files.length === 0)) return <Preview lastMessage={lastMessage} />;
  return (
    <span data-testid="draft-mark">
      <span className="text-accent">{t("inbox:draft")}: </span>
      {plainText(text).trim() || t("sending:files", { count: files.length })}
    </span>
  );
}

function Preview({ lastMessage }: { lastMessage: Chat["lastMessage"] }) {
  const { t } = useTranslation();
  if (!lastMessage) return null;
  const kind = messageKindOf(lastMessage.type);
  // An empty text was deleted too: older servers do not send `revokedAt` here.
  const isRevoked = Boolean(lastMessage.revokedAt) || (kind === "text" && lastMessage.body.trim() === "");
  const text = isRevoked ? t("inbox:revoked") : plainText(lastMessage.body).trim() || t(`message:kind.${kind}`);
  return (
    <>
      <PreviewAuthor lastMessage={lastMessage} />
      {lastMessage.mentions && !isRevoked ? <TextWithMentions text={text} mentions={lastMessage.mentions} /> : text}
    </>
  );
}

/** Names the mentioned people that the page knows: clients with a chat, and the company's own numbers. */
function TextWithMentions({ text, mentions }: { text: string; mentions: NonNullable<MessageContext["mentions"]> }) {
  const { items = [] } = useChats("");
  const { data: sessions = [] } = useSessions();
  const formatNumber = useNumberFormat();
  const nameOf = (number: string) =>
    sessions.find(({ phoneNumber }) => phoneNumber === number)?.name ??
    items.find(({ client }) => client?.whatsappNumber === number)?.client?.name;
  return mentions.reduce(
    (shown, { text: written, number }) =>
      shown.replaceAll(`@${written}`, `@${(number !== null && nameOf(number)) || formatNumber(number)}`),
    text,
  );
}

/** Names who wrote the last message, unless the client did. */
function PreviewAuthor({ lastMessage }: { lastMessage: NonNullable<Chat["lastMessage"]> }) {
  const { kind, name } = useAuthor(lastMessage);
  if (kind === "client") return null;
  if (kind === "colleague" && lastMessage.author) return <ColleagueName author={lastMessage.author} />;
  return `${name}: `;
}

function ColleagueName({ author: { id, name } }: { author: Author }) {
  const colleagues = useColleagues();
  return `${colleagues.shortNameOf(id, name)}: `;
}
