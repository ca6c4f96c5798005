import { createHash } from "node:crypto";
import type {
  ContactCard,
  Location,
  MessageChange,
  MessageContext,
  Poll,
  SentFileKind,
  TypingState,
} from "@syszap/contracts";
import type { MessageReference, Outgoing, OutgoingFile } from "../../contract/outgoing.ts";

/** A file as WhatsApp received it. */
export interface ReceivedFile {
  as: SentFileKind;
  mimeType: string;
  fileName: string | null;
  size: number;
  sha256: string;
}

/** Something that the engine did with the account of the phone. */
export type AccountAction =
  | {
      kind: "sent";
      waKey: string;
      number: string;
      /** Text or caption. */
      body: string;
      quoted?: MessageReference;
      file?: ReceivedFile;
      place?: Location;
      cards?: ContactCard[];
      poll?: Poll;
      forwarded?: MessageContext["forwarded"];
    }
  | { kind: "changed"; waKey: string; number: string; change: MessageChange; target: MessageReference; body: string }
  | { kind: "typing"; number: string; state: TypingState }
  | { kind: "read"; number: string };

/** Describes a sent operation as the recipient sees it. */
export function actionOf(outgoing: Outgoing, number: string, file: ReceivedFile | undefined): AccountAction {
  const { waKey } = outgoing;
  if ("target" in outgoing) {
    return { kind: "changed", waKey, number, change: outgoing.kind, target: outgoing.target, body: bodyOf(outgoing) };
  }
  return {
    kind: "sent",
    waKey,
    number,
    body: bodyOf(outgoing),
    ...(file && { file }),
    ...(outgoing.kind === "location" && { place: outgoing.place }),
    ...(outgoing.kind === "contacts" && { cards: outgoing.cards }),
    ...(outgoing.kind === "poll" && { poll: outgoing.poll }),
    ...(outgoing.quoted && { quoted: outgoing.quoted }),
    ...(outgoing.forwarded && { forwarded: outgoing.forwarded }),
  };
}

function bodyOf(outgoing: Outgoing): string {
  if (outgoing.kind === "text" || outgoing.kind === "edit") return outgoing.body;
  if (outgoing.kind === "media") return outgoing.caption;
  return outgoing.kind === "reaction" ? outgoing.emoji : "";
}

/** Reads the whole file, as WhatsApp's servers would. */
export async function receiveFile(as: SentFileKind, { mimeType, fileName, open }: OutgoingFile): Promise<ReceivedFile> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of open()) {
    hash.update(piece);
    size += piece.byteLength;
  }
  return { as, mimeType, fileName, size, sha256: hash.digest("hex") };
}
