import type { Message } from "@syszap/contracts";
import { ChevronDown, LoaderCircle } from "lucide-react";
import { Fragment, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { describeError } from "../../i18n/errors.ts";
import { daysAgo, useFormats } from "../../i18n/format.ts";
import type { Outgoing } from "../../live/outgoing.ts";
import { clientAmong, type Typist } from "../../live/typing.ts";
import { useMe } from "../../page/me.ts";
import { outgoing } from "../../page/state.ts";
import { IconButton } from "../ui/button.tsx";
import { isSameAuthor } from "./authors/use-author.ts";
import { Bubble, MessageBubble, MessageText, SendFailure } from "./message-bubble.tsx";
import { Quote } from "./sending/quote.tsx";
import { Uploading } from "./sending/uploading.tsx";
import { usePinnedScroll } from "./use-pinned-scroll.ts";

interface MessageListProps {
  messages: Message[];
  pending: Outgoing[];
  typists: readonly Typist[];
  hasOlder: boolean;
  isLoadingOlder: boolean;
  onLoadOlder: () => void;
  onResend: (message: Message) => void;
}

/** The messages, oldest first, followed by those that this page is still sending. */
export function MessageList(props: MessageListProps) {
  const { messages, pending, typists, hasOlder, isLoadingOlder, onLoadOlder, onResend } = props;
  const { t } = useTranslation();
  const me = useMe();
  const client = clientAmong(typists);
  const newest = messages.at(-1);
  const isNewestMine = newest?.author?.id === me.userId;
  const lastId = pending.at(-1)?.key ?? newest?.id;
  const { scroller, isAtNewest, toNewest, onScroll } = usePinnedScroll(messages[0]?.id, lastId, () => {
    if (hasOlder) onLoadOlder();
  });
  const newestPending = pending.at(-1)?.key;
  // Scrolls to a message that the user has just sent.
  useEffect(() => {
    if (newestPending) toNewest();
  }, [newestPending, toNewest]);
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
        tabIndex={0}
        className="paper h-full overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
      >
        <div className="mx-auto flex min-h-full max-w-4xl flex-col justify-end px-3 py-4 sm:px-6">
          {isLoadingOlder && (
            <p role="status" className="flex items-center justify-center gap-2 py-2 text-muted text-sm">
              <LoaderCircle className="size-4 animate-spin" /> {t("inbox:loadingOlder")}
            </p>
          )}
          <ol aria-label={t("inbox:log")}>
            <Rows messages={messages} onResend={onResend} />
            {pending.map((message, index) => (
              <PendingMessage key={message.key} message={message} isFirstOfGroup={index === 0 && !isNewestMine} />
            ))}
          </ol>
          {client && <TypingBubble typist={client} />}
        </div>
      </div>
      {!isAtNewest && (
        <IconButton
          label={t("inbox:newest")}
          onClick={toNewest}
          className="-translate-x-1/2 absolute bottom-4 left-1/2 border border-line bg-raised text-ink shadow-card"
        >
          <ChevronDown className="size-5" />
        </IconButton>
      )}
    </div>
  );
}

function Rows({ messages, onResend }: Pick<MessageListProps, "messages" | "onResend">) {
  const { day } = useFormats();
  return messages.map((message, index) => {
    const before = messages[index - 1];
    const isNewDay = !before || daysAgo(before.timestamp) !== daysAgo(message.timestamp);
    return (
      <Fragment key={message.id}>
        {isNewDay && (
          <li className="sticky top-1 z-10 my-3 flex justify-center">
            <span className="rounded-full border border-line bg-raised px-3 py-0.5 text-muted text-xs shadow-card first-letter:uppercase">
              {day(message.timestamp)}
            </span>
          </li>
        )}
        <MessageBubble
          message={message}
          isFirstOfGroup={isNewDay || !isSameAuthor(before, message)}
          onResend={onResend}
        />
      </Fragment>
    );
  });
}

function PendingMessage({ message, isFirstOfGroup }: { message: Outgoing; isFirstOfGroup: boolean }) {
  const { t } = useTranslation();
  return (
    <Bubble
      id={message.key}
      author={{ kind: "me", name: t("inbox:you") }}
      isOut
      status={message.failure ? "failed" : "sending"}
      timestamp={message.createdAt}
      isFirstOfGroup={isFirstOfGroup}
      below={
        message.failure && (
          <SendFailure reason={describeError(message.failure, t)}>
            <button type="button" className="font-semibold underline" onClick={() => outgoing.retry(message.key)}>
              {t("common:retry")}
            </button>
            <button type="button" className="underline" onClick={() => outgoing.discard(message.key)}>
              {t("inbox:discard")}
            </button>
          </SendFailure>
        )
      }
    >
      {message.quoted && <Quote quoted={message.quoted} />}
      {message.file && <Uploading message={message} file={message.file} />}
      {message.body !== "" && <MessageText body={message.body} />}
      {message.body === "" && message.content?.location && <MessageText body={t("message:kind.location")} />}
    </Bubble>
  );
}

function TypingBubble({ typist }: { typist: Typist }) {
  const { t } = useTranslation();
  const label = t(typist.state === "recording" ? "inbox:recording" : "inbox:typing");
  return (
    <p
      role="status"
      className="mt-2.5 flex w-fit animate-rise items-center gap-2 rounded-2xl rounded-tl-sm bg-bubble-in px-3.5 py-2.5 text-muted text-sm"
    >
      <span aria-hidden="true" className="flex gap-1">
        {[0, 0.2, 0.4].map((delay) => (
          <span
            key={delay}
            className="size-1.5 animate-typing rounded-full bg-current"
            style={{ animationDelay: `${delay}s` }}
          />
        ))}
      </span>
      {label}
    </p>
  );
}
