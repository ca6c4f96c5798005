import { SendHorizontal } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { drafts, outgoing } from "../../page-state.ts";
import { useOwnTyping } from "./use-own-typing.ts";

/** `maxMessageBodyLength` of the contracts, which the browser does not import: it would bring all schemas. */
const maxLength = 65_535;

/** Enter sends, Shift+Enter breaks the line. What was begun in a chat waits there. */
export function Composer({ chatId }: { chatId: string }) {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const [body, setBody] = useState(() => drafts.get(chatId) ?? "");
  const typing = useOwnTyping(chatId);
  const isTooLong = body.length > maxLength;
  const maySend = body.trim() !== "" && !isTooLong;

  useEffect(() => {
    if (body === "") drafts.delete(chatId);
    else drafts.set(chatId, body);
  }, [chatId, body]);
  // On a phone the keyboard would cover what was opened to be read.
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);

  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (!maySend) return;
    outgoing.send(chatId, body);
    setBody("");
    typing.stop();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter chooses a character.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      onSubmit={send}
      className="border-line border-t bg-surface px-3 py-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))] sm:px-5"
    >
      {isTooLong && (
        <p role="alert" className="pb-2 text-danger text-sm">
          {t("messages.tooLong", { length: body.length, max: maxLength })}
        </p>
      )}
      <div className="mx-auto flex max-w-4xl items-end gap-2">
        <label className="min-w-0 flex-1">
          <span className="sr-only">{t("messages.composer")}</span>
          <textarea
            ref={field}
            data-testid="composer"
            dir="auto"
            rows={1}
            value={body}
            placeholder={t("messages.composer")}
            title={t("messages.composerHint")}
            enterKeyHint="send"
            onChange={(event) => {
              setBody(event.target.value);
              typing.touch(event.target.value);
            }}
            onBlur={typing.stop}
            onKeyDown={onKeyDown}
            className="field-sizing-content block max-h-44 min-h-11 w-full resize-none rounded-3xl border border-line bg-canvas px-4 py-2.5 outline-none placeholder:text-muted focus:border-accent"
          />
        </label>
        <button
          type="submit"
          data-testid="composer-send"
          aria-label={t("messages.send")}
          title={t("messages.send")}
          disabled={!maySend}
          className="grid size-11 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-sunken disabled:text-muted"
        >
          <SendHorizontal className="size-5" />
        </button>
      </div>
    </form>
  );
}
