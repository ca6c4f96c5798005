import { Check, Paperclip, SendHorizontal } from "lucide-react";
import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "../../lib/store.ts";
import { composing, drafts, messageOrders, outgoing } from "../../page/state.ts";
import { IconButton } from "../ui/button.tsx";
import { FileBar, PurposeBar, quotedOf } from "./sending/composer-bars.tsx";
import { useOwnTyping } from "./use-own-typing.ts";

/** `maxMessageBodyLength` of the contracts, which the browser does not import: it would bring all schemas. */
const maxLength = 65_535;

/** What is being written in a chat, and what for. A new message waits there while another one is edited. */
function useDraft(chatId: string) {
  const purpose = useStore(composing.store).get(chatId);
  const editing = purpose?.kind === "edit" ? purpose.message : undefined;
  const [body, setBody] = useState(() => drafts.get(chatId) ?? "");
  const [edited, setEdited] = useState("");
  const [file, setFile] = useState<File>();
  useEffect(() => setEdited(editing?.body ?? ""), [editing]);
  useEffect(() => {
    if (body === "") drafts.delete(chatId);
    else drafts.set(chatId, body);
  }, [chatId, body]);
  const text = editing ? edited : body;
  const isTooLong = text.length > maxLength;
  const hasWords = text.trim() !== "";
  const maySend = !isTooLong && (hasWords || (file !== undefined && !editing)) && text.trim() !== editing?.body;
  const send = () => {
    if (editing) messageOrders.ask({ chatId, messageId: editing.id, change: "edit", body: edited.trim() });
    else {
      outgoing.send(chatId, body, { file, ...(purpose && { quoted: quotedOf(purpose.message) }) });
      setBody("");
      setFile(undefined);
    }
    composing.end(chatId);
  };
  return { purpose, editing, text, setText: editing ? setEdited : setBody, file, setFile, isTooLong, maySend, send };
}

/** Enter sends, Shift+Enter breaks the line, Escape ends an answer or an edit. What was begun in a chat waits there. */
export function Composer({ chatId }: { chatId: string }) {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = useDraft(chatId);
  const { purpose, editing, text, file, isTooLong, maySend } = draft;
  const typing = useOwnTyping(chatId);
  // On a phone the keyboard would cover what was opened to be read; who answers or edits wants it.
  useEffect(() => {
    if (purpose || matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [purpose]);

  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (!maySend) return;
    draft.send();
    typing.stop();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && purpose) composing.end(chatId);
    // While an input method composes, Enter chooses a character.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const [pasted] = event.clipboardData.files;
    if (!pasted || editing) return;
    event.preventDefault();
    draft.setFile(pasted);
  };
  const label = t(file && !editing ? "sending:caption" : "inbox:composer");

  return (
    <form
      onSubmit={send}
      className="border-line border-t bg-surface px-3 py-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))] sm:px-5"
    >
      {isTooLong && (
        <p role="alert" className="pb-2 text-danger text-sm">
          {t("inbox:tooLong", { length: text.length, max: maxLength })}
        </p>
      )}
      {purpose && <PurposeBar purpose={purpose} onEnd={() => composing.end(chatId)} />}
      {file && !editing && <FileBar file={file} onRemove={() => draft.setFile(undefined)} />}
      <div className="mx-auto flex max-w-4xl items-end gap-2">
        {!editing && <Attach onFile={draft.setFile} />}
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
              draft.setText(event.target.value);
              typing.touch(event.target.value);
            }}
            onBlur={typing.stop}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            className="field-sizing-content block max-h-44 min-h-11 w-full resize-none rounded-3xl border border-line bg-canvas px-4 py-2.5 outline-none placeholder:text-muted focus:border-accent"
          />
        </label>
        <SendButton isEdit={editing !== undefined} isDisabled={!maySend} />
      </div>
    </form>
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

function Attach({ onFile }: { onFile: (file: File) => void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        data-testid="composer-attach"
        aria-label={t("sending:attach")}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          if (chosen) onFile(chosen);
          event.target.value = ""; // the same file may be chosen again
        }}
      />
      <IconButton label={t("sending:attach")} className="size-11" onClick={() => input.current?.click()}>
        <Paperclip className="size-5" />
      </IconButton>
    </>
  );
}
