import { useTranslation } from "react-i18next";
import { describeError } from "../../../i18n/errors.ts";
import type { Outgoing } from "../../../live/outgoing.ts";
import { outgoing } from "../../../page/state.ts";
import { Bubble, MessageText, SendFailure } from "../message-bubble.tsx";
import { Quote } from "../sending/quote.tsx";
import { Uploading } from "../sending/uploading.tsx";

interface PendingMessageProps {
  message: Outgoing;
  isFirstOfGroup: boolean;
}

/** A message that this page is still sending, or could not send. */
export function PendingMessage({ message, isFirstOfGroup }: PendingMessageProps) {
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
