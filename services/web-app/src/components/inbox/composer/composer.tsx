import { maxMessageBodyLength, type Sendable, sendables } from "@syszap/contracts/constants";
import { type FormEvent, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { insertText } from "../../../lib/insert-text.ts";
import { lazyPart } from "../../../lib/lazy-part.ts";
import { composerModes, drafts } from "../../../page/state.ts";
import { Boundary } from "../../ui/boundary.tsx";
import { Attach, AttachDialog, type AttachedKind } from "../sending/attach/attach.tsx";
import { ModeBar } from "../sending/composer-bars.tsx";
import { AttachedFiles } from "./attached-files.tsx";
import { EmojiButton, SendButton, VoiceButton } from "./composer-buttons.tsx";
import { Field } from "./field.tsx";
import { useComposer } from "./use-composer.ts";
import { useOwnTyping } from "./use-own-typing.ts";
import { canRecord } from "./voice/can-record.ts";

const EmojiPicker = lazyPart(async () => (await import("./emoji/emoji-picker.tsx")).EmojiPicker);
const VoiceBar = lazyPart(async () => (await import("./voice/voice-bar.tsx")).VoiceBar);

interface ComposerProps {
  chatId: string;
  /** Kinds that the engine of the session supports. Absent: all kinds. */
  sends?: readonly Sendable[];
}

/** Writes the messages of a chat: text, files, emoji and voice. What is not sent is kept per chat. */
export function Composer({ chatId, sends = sendables }: ComposerProps) {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const composer = useComposer(chatId, sends);
  const [dialog, setDialog] = useState<AttachedKind>();
  const [part, setPart] = useState<"emoji" | "voice">();
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
  const closePart = useCallback(() => setPart(undefined), []);
  const endPart = () => {
    // The field must be there before it can have the focus.
    flushSync(closePart);
    field.current?.focus();
  };
  const insertEmoji = (emoji: string) => {
    const { current } = field;
    if (current) insertText(current, emoji, current.selectionStart, current.selectionEnd);
    closePart();
  };
  const maySendVoice = (sends.includes("voice") || sends.includes("audio")) && canRecord();
  const isEmpty = text.trim() === "" && files.length === 0;

  return (
    <>
      <form
        onSubmit={send}
        className="relative border-line border-t bg-surface px-3 py-2.5 pb-[max(0.625rem,env(safe-area-inset-bottom))] sm:px-5"
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
        <Boundary shown={part}>
          <Suspense>
            {part === "emoji" && <EmojiPicker onPick={insertEmoji} onClose={endPart} onLeave={closePart} />}
          </Suspense>
        </Boundary>
        <div className="mx-auto flex max-w-4xl items-end gap-1 sm:gap-2">
          {part === "voice" ? (
            <Boundary shown={part}>
              <Suspense>
                <VoiceBar
                  chatId={chatId}
                  onSend={composer.sendVoice}
                  onKeep={(file) => drafts.attach(chatId, [file], "voice")}
                  onClose={endPart}
                />
              </Suspense>
            </Boundary>
          ) : (
            <>
              {!editing && (
                <Attach sends={sends} onFiles={(chosen) => drafts.attach(chatId, chosen)} onKind={setDialog} />
              )}
              <EmojiButton isOpen={part === "emoji"} onClick={() => setPart(part === "emoji" ? undefined : "emoji")} />
              <Field
                field={field}
                label={t(files.length > 0 ? "sending:caption" : "inbox:composer")}
                text={text}
                onText={(next) => {
                  composer.setText(next);
                  typing.onInput(next);
                }}
                onBlur={typing.stop}
                onSend={send}
                onEscape={() => composerModes.end(chatId)}
              />
              {isEmpty && !editing && maySendVoice ? (
                <VoiceButton onClick={() => setPart("voice")} />
              ) : (
                <SendButton isEdit={editing !== undefined} isDisabled={!maySend} />
              )}
            </>
          )}
        </div>
      </form>
      {dialog && (
        <AttachDialog
          kind={dialog}
          onSend={(content, summary) => {
            setDialog(undefined);
            composer.sendContent(content, summary);
          }}
          onClose={() => setDialog(undefined)}
        />
      )}
    </>
  );
}
