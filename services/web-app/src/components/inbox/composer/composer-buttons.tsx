import { Check, Mic, SendHorizontal, Smile } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../../ui/button.tsx";

const round =
  "grid size-11 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-sunken disabled:text-muted";

export function SendButton({ isEdit, isDisabled }: { isEdit: boolean; isDisabled: boolean }) {
  const { t } = useTranslation();
  const label = t(isEdit ? "sending:saveEdit" : "inbox:send");
  const Icon = isEdit ? Check : SendHorizontal;
  return (
    <button
      type="submit"
      data-testid="composer-send"
      aria-label={label}
      title={label}
      disabled={isDisabled}
      className={round}
    >
      <Icon className="size-5" />
    </button>
  );
}

/** Starts a voice message. Stands in the place of the send button while there is nothing to send. */
export function VoiceButton({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  const label = t("sending:voice.start");
  return (
    <button
      type="button"
      data-testid="voice-start"
      aria-label={label}
      title={label}
      onClick={onClick}
      className={round}
    >
      <Mic className="size-5" />
    </button>
  );
}

export function EmojiButton({ isOpen, onClick }: { isOpen: boolean; onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <IconButton
      label={t("sending:emoji.open")}
      data-testid="emoji-open"
      data-emoji-button
      aria-haspopup="dialog"
      aria-expanded={isOpen}
      onClick={onClick}
      className="my-0.5"
    >
      <Smile className="size-5" />
    </IconButton>
  );
}
