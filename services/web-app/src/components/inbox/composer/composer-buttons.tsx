import { Check, type LucideIcon, Mic, SendHorizontal, Smile } from "lucide-react";
import type { ComponentProps } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../../ui/button.tsx";

interface RoundButtonProps extends ComponentProps<"button"> {
  type: "button" | "submit";
  "data-testid": string;
  label: string;
  Icon: LucideIcon;
}

/** The button at the end of the composer. */
function RoundButton({ label, Icon, ...attributes }: RoundButtonProps) {
  return (
    <button
      {...attributes}
      aria-label={label}
      title={label}
      className="grid size-11 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-sunken disabled:text-muted"
    >
      <Icon className="size-5" />
    </button>
  );
}

export function SendButton({ isEdit, isDisabled }: { isEdit: boolean; isDisabled: boolean }) {
  const { t } = useTranslation();
  return (
    <RoundButton
      type="submit"
      data-testid="composer-send"
      label={t(isEdit ? "sending:saveEdit" : "inbox:send")}
      Icon={isEdit ? Check : SendHorizontal}
      disabled={isDisabled}
    />
  );
}

/** Starts a voice message. Stands in the place of the send button while there is nothing to send. */
export function VoiceButton({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation();
  return (
    <RoundButton
      type="button"
      data-testid="voice-start"
      label={t("sending:voice.start")}
      Icon={Mic}
      onClick={onClick}
    />
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
