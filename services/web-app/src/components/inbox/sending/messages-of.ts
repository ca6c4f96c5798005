import {
  defaultSentKind,
  fileKindsWithoutCaption,
  maxFileBytes,
  type Sendable,
  type sentFileKinds,
} from "@syszap/contracts/constants";
import type { AttachedFile, Draft } from "../../../live/drafts.ts";
import type { MessageExtras } from "../../../live/outgoing.ts";

/** Files that are sent at once. WhatsApp's own limit. */
export const maxFiles = 30;

type SentFileKind = (typeof sentFileKinds)[number];
export type FileProblem = "empty" | "tooLarge" | "tooMany" | "notAllowed";

type Attached = Pick<AttachedFile, "file" | "as">;

/** The kind as which a file is sent: its own, that of its type, or a document. Undefined if the engine supports none of them. */
const kindOf = ({ file, as }: Attached, sends: readonly Sendable[]): SentFileKind | undefined =>
  [as, defaultSentKind(file.type), "document" as const].find((kind) => kind !== undefined && sends.includes(kind));

/** Why a file cannot be sent, before it is uploaded. `position`: among the attached files, from 0. */
export function fileProblem(attached: Attached, position: number, sends: readonly Sendable[]): FileProblem | undefined {
  const { file } = attached;
  if (file.size === 0) return "empty";
  if (file.size > maxFileBytes) return "tooLarge";
  if (position >= maxFiles) return "tooMany";
  return kindOf(attached, sends) === undefined ? "notAllowed" : undefined;
}

interface NewMessage {
  body: string;
  extras: MessageExtras;
}

/**
 * The messages that send a draft: one per file, and one for the text unless it is the caption of a file. WhatsApp shows no text with a
 * sound. The first message is the reply.
 */
export function messagesOf(
  { text, files }: { text: Draft["text"]; files: readonly Attached[] },
  sends: readonly Sendable[],
  quoted: MessageExtras["quoted"],
): NewMessage[] {
  const kinds = files.map((attached) => kindOf(attached, sends) ?? "document");
  const captioned = text.trim() === "" ? -1 : kinds.findIndex((kind) => !fileKindsWithoutCaption.includes(kind));
  const messages: NewMessage[] = files.map(({ file }, index) => {
    const as = kinds[index];
    const isDefault = as === defaultSentKind(file.type);
    return { body: index === captioned ? text : "", extras: { file, ...(!isDefault && { as }) } };
  });
  if (text.trim() !== "" && captioned < 0) messages.push({ body: text, extras: {} });
  const [first, ...others] = messages;
  return first && quoted ? [{ ...first, extras: { ...first.extras, quoted } }, ...others] : messages;
}
