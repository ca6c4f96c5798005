import type { Author, Chat, MessageContext } from "@syszap/contracts";
import { messageKindOf } from "@syszap/contracts/constants";
import { AtSign } from "lucide-react";
import { memo, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { avatarOf, chatName } from "../../i18n/client-name.ts";
import { useFormats } from "../../i18n/format.ts";
import { useNumberFormat } from "../../i18n/phone-numbers.ts";
import { clientAmong, type Typist } from "../../live/typing.ts";
import { useColleagues } from "../../page/colleagues.ts";
import { useChats, useSessions } from "../../page/queries.ts";
import { typingStates } from "../../page/state.ts";
import { useDraft } from "../../page/use-draft.ts";
import { Avatar } from "../ui/avatar.tsx";
import { plainText } from "../ui/rich-text/formatting.ts";
import { useAuthor } from "./authors/use-author.ts";
import { useColleagueTyping } from "./authors/use-colleague-typing.ts";

interface ChatRowProps {
  chat: Chat;
  isOpen: boolean;
  sessionName: string | undefined;
}

/** A chat in the list: its client or group, the newest message and what is unread. */
export const ChatRow = memo(function ChatRow({ chat, isOpen, sessionName }: ChatRowProps) {
  const { t } = useTranslation();
  const typists = useTypists(chat.id);
  const { short } = useFormats();
  const { lastMessage, unreadCount, group } = chat;
  const hasUnread = unreadCount > 0;
  /** The badge of the page does not count its messages. */
  const isQuiet = group !== null && !group.notifyAll && group.unreadMentions === 0;
  return (
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
  );
});

/** Who is typing in a chat. */
const useTypists = (chatId: string): readonly Typist[] | undefined =>
  useSyncExternalStore(typingStates.store.subscribe, () => typingStates.store.get().get(chatId));

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
