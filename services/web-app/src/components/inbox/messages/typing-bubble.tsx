import { useTranslation } from "react-i18next";
import type { Typist } from "../../../live/typing.ts";

/** Shows that the client is typing or recording. */
export function TypingBubble({ typist }: { typist: Typist }) {
  const { t } = useTranslation();
  const label = t(typist.state === "recording" ? "inbox:recording" : "inbox:typing");
  return (
    <p
      role="status"
      className="flex w-fit animate-rise items-center gap-2 rounded-2xl rounded-tl-sm bg-bubble-in px-3.5 py-2.5 text-muted text-sm"
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
