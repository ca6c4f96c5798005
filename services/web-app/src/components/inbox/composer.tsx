import { maxMessageBodyLength, type Sendable, sendables } from "@syszap/contracts/constants";
import { Check, SendHorizontal } from "lucide-react";
import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "../../lib/store.ts";
import { composerModes, drafts, outgoing, pendingChanges } from "../../page/state.ts";
import { Attach, AttachDialog, type AttachedKind } from "./sending/attach/attach.tsx";
import type { SentContent } from "./sending/attach/content-dialog.ts";
import { FileBar, ModeBar, quotedOf } from "./sending/composer-bars.tsx";
import { useOwnTyping } from "./use-own-typing.ts";

/** The text and file of a chat's composer. An edit has its own text; the draft of a new message is kept meanwhile. */
function useDraft(chatId: string) {
  const mode = useStore(composerModes.store).get(chatId);
  const editing = mode?.kind === "edit" ? mode.message : undefined;
  const [body, setBody] = useState(() => drafts.get(chatId) ?? "");
  const [editedText, setEditedText] = useState("");
  const [file, setFile] = useState<File>();
  useEffect(() => setEditedText(editing?.body ?? ""), [editing]);
  useEffect(() => {
    if (body === "") drafts.delete(chatId);
    else drafts.set(chatId, body);
  }, [chatId, body]);
  const text = editing ? editedText : body;
  const isTooLong = text.length > maxMessageBodyLength;
  const hasText = text.trim() !== "";
  const maySend = !isTooLong && (hasText || (file !== undefined && !editing)) && text.trim() !== editing?.body;
  const send = () => {
    if (editing) pendingChanges.request({ chatId, messageId: editing.id, change: "edit", body: editedText.trim() });
    else {
      const quoted = mode && quotedOf(mode.message);
      // WhatsApp shows no text with a sound.
      const isSound = file?.type.startsWith("audio/") ?? false;
      outgoing.send(chatId, isSound ? "" : body, { file, quoted });
      if (isSound && hasText) outgoing.send(chatId, body);
      setBody("");
      setFile(undefined);
    }
    composerModes.end(chatId);
  };
  const sendContent = (content: SentContent, summary: string) => {
    outgoing.send(chatId, summary, { content, ...(mode && { quoted: quotedOf(mode.message) }) });
    composerModes.end(chatId);
  };
  const setText = editing ? setEditedText : setBody;
  return { mode, editing, text, setText, file, setFile, isTooLong, maySend, send, sendContent };
}

interface ComposerProps {
  chatId: string;
  /** Kinds that the engine of the session supports. Absent: all kinds. */
  sends?: readonly Sendable[];
}

/** The field to write in. Enter sends, Shift+Enter adds a line, Escape cancels a reply or an edit. Drafts are kept per chat. */
export function Composer({ chatId, sends = sendables }: ComposerProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = useDraft(chatId);
  const [attached, setAttached] = useState<AttachedKind>();
  const { mode, editing, text, file, isTooLong, maySend } = draft;
  const typing = useOwnTyping(chatId);
  // On a phone the keyboard would cover the conversation, so it opens only to reply or to edit.
  useEffect(() => {
    if (mode || matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [mode]);

  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (!maySend) return;
    draft.send();
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
  const onPaste = (event: ClipboardEvent) => {
    const [pasted] = event.clipboardData.files;
    if (!pasted || editing) return;
    event.preventDefault();
    draft.setFile(pasted);
  };
  const label = t(file && !editing ? "sending:caption" : "inbox:composer");

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
        {file && !editing && <FileBar file={file} onRemove={() => draft.setFile(undefined)} />}
        <div className="mx-auto flex max-w-4xl items-end gap-2">
          {!editing && <Attach sends={sends} onFile={draft.setFile} onKind={setAttached} />}
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
                typing.onInput(event.target.value);
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
      {attached && (
        <AttachDialog
          kind={attached}
          onSend={(content, summary) => {
            setAttached(undefined);
            draft.sendContent(content, summary);
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
