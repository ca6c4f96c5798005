import type { Message } from "@syszap/contracts";
import { direction, messageKindOf } from "@syszap/contracts/constants";
import { Ban, CircleHelp } from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { describeSendFailure } from "../../i18n/reasons.ts";
import { isOnlyEmoji, type Mentions } from "../ui/rich-text/formatting.ts";
import { RichText } from "../ui/rich-text/rich-text.tsx";
import { AuthorLabel } from "./authors/author-label.tsx";
import { type ShownAuthor, useAuthor } from "./authors/use-author.ts";
import { cardsOf } from "./content/cards-of.tsx";
import { MenuOptions } from "./content/menu-options.tsx";
import { ContextAbove, ExpiryMark, ViewOnce } from "./content/message-context.tsx";
import { SystemNote } from "./content/system-note.tsx";
import { useMentions } from "./group/names-context.ts";
import { MessageMedia } from "./message-media.tsx";
import { MissingFile } from "./missing-file.tsx";
import { MessageActions } from "./sending/message-actions.tsx";
import { PendingChangeStates } from "./sending/pending-change-states.tsx";
import { Quote } from "./sending/quote.tsx";
import { type ShownStatus, Ticks } from "./ticks.tsx";

/** Longer texts are folded: a text of 65,000 characters would hide the conversation. */
const maxUnfoldedLength = 3_000;

interface MessageBubbleProps {
  message: Message;
  isFirstOfGroup: boolean;
  onResend: (message: Message) => void;
}

/** A stored message. Memoised, so that an event renders only the messages that it changed. */
export const MessageBubble = memo(function MessageBubble({ message, isFirstOfGroup, onResend }: MessageBubbleProps) {
  const { t } = useTranslation();
  const isOut = message.direction === direction.out;
  const author = useAuthor(message);
  if (messageKindOf(message.type) === "system" && !message.revokedAt) return <SystemNote message={message} />;
  return (
    <Bubble
      id={message.id}
      author={author}
      isOut={isOut}
      status={isOut ? (message.status ?? undefined) : undefined}
      timestamp={message.timestamp}
      isFirstOfGroup={isFirstOfGroup}
      expiresAt={message.revokedAt ? undefined : message.context?.expiresAt}
      isEdited={message.editedAt !== null && message.revokedAt === null}
      mentionsUs={message.mentionsUs === true && !message.revokedAt}
      reactions={shownReactions(message)}
      actions={!message.revokedAt && <MessageActions message={message} />}
      below={
        <>
          <PendingChangeStates messageId={message.id} />
          {message.status === "failed" && (
            <SendFailure reason={message.failureReason && describeSendFailure(message.failureReason, t)}>
              <button type="button" className="font-semibold underline" onClick={() => onResend(message)}>
                {t("common:retry")}
              </button>
            </SendFailure>
          )}
        </>
      }
    >
      <Content message={message} />
    </Bubble>
  );
});

/** Each emoji once, with the number of people who chose it. */
function shownReactions({ reactions }: Message): string[] {
  const counts = new Map<string, number>();
  for (const { Emoji } of reactions) if (Emoji !== "") counts.set(Emoji, (counts.get(Emoji) ?? 0) + 1);
  return [...counts].map(([emoji, count]) => (count > 1 ? `${emoji} ${count}` : emoji));
}

function Content({ message }: { message: Message }) {
  const { t } = useTranslation();
  const mentions = useMentions(message.context?.mentions);
  if (message.revokedAt)
    return (
      <p className="flex items-center gap-1.5 text-muted italic">
        <Ban aria-hidden="true" className="size-4" />
        {t(hasExpired(message) ? "message:context.expired" : "inbox:revoked")}
      </p>
    );
  const { context, content } = message;
  const cards = cardsOf(message);
  const isUnsupported =
    !message.media && !message.missingMedia && cards.length === 0 && message.body === "" && !context?.isViewOnce;
  return (
    <>
      {context && <ContextAbove context={context} />}
      {message.quoted && <Quote quoted={message.quoted} />}
      {message.media && <MessageMedia messageId={message.id} media={message.media} type={message.type} />}
      {message.missingMedia && <MissingFile message={message} missing={message.missingMedia} />}
      {cards}
      {isUnsupported && (
        <p className="flex items-center gap-1.5 text-muted italic">
          <CircleHelp aria-hidden="true" className="size-4" />
          {t(`message:kind.${messageKindOf(message.type)}`)}
        </p>
      )}
      {context?.isViewOnce && <ViewOnce />}
      {message.body !== "" && cards.length === 0 && <MessageText body={message.body} mentions={mentions} />}
      {content?.menu && <MenuOptions menu={content.menu} />}
    </>
  );
}

/** True for a disappearing message that was erased because its time had come. */
const hasExpired = ({ context, revokedAt }: Message): boolean =>
  context?.expiresAt !== undefined && revokedAt !== null && revokedAt >= context.expiresAt;

interface MessageTextProps {
  body: string;
  mentions?: Mentions | undefined;
}

export function MessageText({ body, mentions }: MessageTextProps) {
  const { t } = useTranslation();
  const [isUnfolded, setUnfolded] = useState(body.length <= maxUnfoldedLength);
  return (
    <>
      <div
        dir="auto"
        data-testid="message-body"
        className={`not-first:mt-1 whitespace-pre-wrap [overflow-wrap:anywhere] ${isUnfolded ? "" : "max-h-96 overflow-hidden"} ${isOnlyEmoji(body) ? "text-4xl leading-tight" : ""}`}
      >
        <RichText text={body} {...(mentions && { mentions })} />
      </div>
      {!isUnfolded && (
        <button type="button" className="font-medium text-info text-sm" onClick={() => setUnfolded(true)}>
          {t("inbox:readMore")}
        </button>
      )}
    </>
  );
}

interface BubbleProps {
  id: string;
  author: ShownAuthor;
  isOut: boolean;
  status: ShownStatus | undefined;
  timestamp: string;
  isFirstOfGroup: boolean;
  isEdited?: boolean;
  /** The message mentions the session's number. */
  mentionsUs?: boolean;
  /** When a disappearing message is erased. */
  expiresAt?: string | undefined;
  reactions?: string[];
  below?: ReactNode;
  /** Shown beside the bubble, towards the middle of the page. */
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of a message: author, side, time, ticks and reactions. */
export function Bubble(props: BubbleProps) {
  const {
    id,
    author,
    isOut,
    status,
    timestamp,
    isFirstOfGroup,
    isEdited = false,
    mentionsUs = false,
    expiresAt,
    reactions = [],
    below,
    actions,
    children,
  } = props;
  const { t } = useTranslation();
  const { clock, full } = useFormats();
  const innerCorner = isOut ? "rounded-tr-sm" : "rounded-tl-sm";
  const corner = isFirstOfGroup ? innerCorner : "";
  return (
    <div
      data-testid="message"
      data-message-id={id}
      data-status={status ?? ""}
      data-direction={isOut ? "1" : "0"}
      className={`flex flex-col ${isOut ? "items-end" : "items-start"}`}
    >
      <div className={`group flex max-w-[min(90%,42rem)] items-start gap-1 ${isOut ? "flex-row-reverse" : ""}`}>
        <div
          className={`relative min-w-0 rounded-2xl px-3 pt-2 pb-1.5 shadow-[0_1px_1px_rgb(0_0_0/0.06)] ${isOut ? "bg-bubble-out" : "bg-bubble-in"} ${corner} ${mentionsUs ? "outline-2 outline-accent" : ""} ${reactions.length > 0 ? "mb-3" : ""}`}
        >
          <AuthorLabel author={author} isFirstOfGroup={isFirstOfGroup} />
          {children}
          <p className="mt-0.5 flex items-center justify-end gap-1 text-[0.6875rem] text-muted leading-4">
            {expiresAt && <ExpiryMark expiresAt={expiresAt} />}
            {isEdited && <span>{t("inbox:edited")}</span>}
            <time dateTime={timestamp} title={full(timestamp)}>
              {clock(timestamp)}
            </time>
            {status && <Ticks status={status} />}
          </p>
          {reactions.length > 0 && (
            <p className="absolute -bottom-3 left-2 rounded-full border border-line bg-raised px-1.5 text-sm leading-6">
              {reactions.join(" ")}
            </p>
          )}
        </div>
        {actions}
      </div>
      {below}
    </div>
  );
}

/** Why a message was not sent; `children` are the available actions. */
export function SendFailure({ reason, children }: { reason: string | null; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <p role="alert" className="mt-1 flex max-w-[85%] flex-wrap items-center justify-end gap-x-3 text-danger text-xs">
      <span>{reason ? `${t("inbox:notSent")}: ${reason}` : t("inbox:notSent")}</span>
      {children}
    </p>
  );
}
