import type { Message } from "@syszap/contracts";
import { Info, Phone, Video } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format.ts";
import { useNoteText } from "../group/use-note-text.ts";

/** A notice of WhatsApp, such as a call or a new participant. It has no author, so it is centred between the bubbles. */
export function SystemNote({ message }: { message: Message }) {
  const { t } = useTranslation();
  const { clock, full } = useFormats();
  const noteText = useNoteText();
  const { call, note } = message.content ?? {};
  const CallIcon = call?.isVideo ? Video : Phone;
  const Icon = call ? CallIcon : Info;
  const fallbackText = call
    ? t(call.isVideo ? "message:content.videoCall" : "message:content.voiceCall")
    : t("message:kind.system");
  return (
    <div data-testid="message" data-message-id={message.id} data-direction="" className="flex justify-center py-1">
      <p className="flex max-w-[85%] items-center gap-2 rounded-2xl border border-line bg-raised px-3 py-1 text-muted text-xs">
        <Icon aria-hidden="true" className="size-3.5 shrink-0" />
        <span dir="auto">{(note && noteText(note)) || message.body || fallbackText}</span>
        <time dateTime={message.timestamp} title={full(message.timestamp)}>
          {clock(message.timestamp)}
        </time>
      </p>
    </div>
  );
}
