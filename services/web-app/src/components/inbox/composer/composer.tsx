import { maxMessageBodyLength, type Sendable, sendables } from "@syszap/contracts/constants";
import { Check, SendHorizontal } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { composerModes, drafts } from "../../../page/state.ts";
import { Attach, AttachDialog, type AttachedKind } from "../sending/attach/attach.tsx";
import { ModeBar } from "../sending/composer-bars.tsx";
import { AttachedFiles } from "./attached-files.tsx";
import { useComposer } from "./use-composer.ts";
import { useOwnTyping } from "./use-own-typing.ts";

interface ComposerProps {
  chatId: string;
  /** Kinds that the engine of the session supports. Absent: all kinds. */
  sends?: readonly Sendable[];
}

/** The field to write in. Enter sends, Shift+Enter adds a line, Escape cancels a reply or an edit. Drafts are kept per chat. */
export function Composer({ chatId, sends = sendables }: ComposerProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const composer = useComposer(chatId, sends);
  const [attached, setAttached] = useState<AttachedKind>();
  const { mode, editing, text, files, problems, isTooLong, maySend } = composer;
  const typing = useOwnTyping(chatId);
  const modeKey = mode && `${mode.kind} ${mode.message.id}`;
  // On a phone the keyboard would cover the conversation, so it opens only to reply or to edit.
  useEffect(() => {
    if (modeKey || matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [modeKey]);

  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (!maySend) return;
    composer.send();
    typing.stop();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && mode) composerModes.end(chatId);
    // In an input method editor, Enter chooses a character.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const label = t(files.length > 0 ? "sending:caption" : "inbox:composer");

  return (
    <>
      <form
        onSubmit={send}
        className="border-line border-t bg-surface px-3 py-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))] sm:px-5"
      >
        {isTooLong && (
          <p role="alert" className="pb-2 text-danger text-sm">
            {t("inbox:tooLong", { length: text.length, max: maxMessageBodyLength })}
          </p>
        )}
        {mode && <ModeBar mode={mode} onCancel={() => composerModes.end(chatId)} />}
        {files.length > 0 && (
          <AttachedFiles files={files} problems={problems} onRemove={(fileId) => drafts.detach(chatId, fileId)} />
        )}
        <div className="mx-auto flex max-w-4xl items-end gap-2">
          {!editing && (
            <Attach sends={sends} onFiles={(chosen) => drafts.attach(chatId, chosen)} onKind={setAttached} />
          )}
          <label className="min-w-0 flex-1">
            <span className="sr-only">{label}</span>
            <textarea
              ref={field}
              data-testid="composer"
              dir="auto"
              rows={1}
              value={text}
              placeholder={label}
              title={t("inbox:composerHint")}
              enterKeyHint="send"
              onChange={(event) => {
                composer.setText(event.target.value);
                typing.onInput(event.target.value);
              }}
              onBlur={typing.stop}
              onKeyDown={onKeyDown}
              className="field-sizing-content block max-h-44 min-h-11 w-full resize-none rounded-3xl border border-line bg-canvas px-4 py-2.5 outline-none placeholder:text-muted focus:border-accent"
            />
          </label>
          <SendButton isEdit={editing !== undefined} isDisabled={!maySend} />
        </div>
      </form>
      {attached && (
        <AttachDialog
          kind={attached}
          onSend={(content, summary) => {
            setAttached(undefined);
            composer.sendContent(content, summary);
          }}
          onClose={() => setAttached(undefined)}
        />
      )}
    </>
  );
}

function SendButton({ isEdit, isDisabled }: { isEdit: boolean; isDisabled: boolean }) {
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
      className="grid size-11 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-sunken disabled:text-muted"
    >
      <Icon className="size-5" />
    </button>
  );
}
