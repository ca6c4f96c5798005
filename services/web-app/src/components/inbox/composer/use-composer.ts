import { maxMessageBodyLength, type Sendable } from "@syszap/contracts/constants";
import { useStore } from "../../../lib/store.ts";
import { composerModes, drafts, outgoing, pendingChanges } from "../../../page/state.ts";
import { useDraft } from "../../../page/use-draft.ts";
import type { SentContent } from "../sending/attach/content-dialog.ts";
import { quotedOf } from "../sending/composer-bars.tsx";
import { fileProblem, messagesOf } from "../sending/messages-of.ts";

/** The text and the files of a chat's composer. An edit has its own text; the draft of a new message is kept meanwhile. */
export function useComposer(chatId: string, sends: readonly Sendable[]) {
  const mode = useStore(composerModes.store).get(chatId);
  const editing = mode?.kind === "edit" ? mode.message : undefined;
  const draft = useDraft(chatId);
  const files = editing ? [] : draft.files;
  const problems = files.map((attached, position) => fileProblem(attached, position, sends));
  const text = editing ? (mode?.text ?? "") : draft.text;
  const isTooLong = text.length > maxMessageBodyLength;
  const hasContent = text.trim() !== "" || files.length > 0;
  const hasProblem = problems.some((problem) => problem !== undefined);
  const maySend = hasContent && !isTooLong && !hasProblem && text.trim() !== editing?.body;
  const quoted = mode && quotedOf(mode.message);

  const sendVoice = (file: File) => {
    for (const { body, extras } of messagesOf({ text: "", files: [{ file, as: "voice" }] }, sends, quoted))
      outgoing.send(chatId, body, extras);
    composerModes.end(chatId);
  };
  const setText = (next: string) => (editing ? composerModes.setText(chatId, next) : drafts.setText(chatId, next));
  const send = () => {
    if (editing) pendingChanges.request({ chatId, messageId: editing.id, change: "edit", body: text.trim() });
    else
      for (const { body, extras } of messagesOf(drafts.take(chatId), sends, quoted))
        outgoing.send(chatId, body, extras);
    composerModes.end(chatId);
  };
  const sendContent = (content: SentContent, summary: string) => {
    outgoing.send(chatId, summary, { content, ...(quoted && { quoted }) });
    composerModes.end(chatId);
  };
  return { mode, editing, text, setText, files, problems, isTooLong, maySend, send, sendContent, sendVoice };
}
