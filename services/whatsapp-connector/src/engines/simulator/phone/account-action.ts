import { createHash } from "node:crypto";
import type { Location, MessageChange, SentFileKind, TypingState } from "@syszap/contracts";
import type { MessageName, Outgoing, OutgoingFile } from "../../contract/engine.ts";

/** A file as it reached WhatsApp. */
export interface ArrivedFile {
  as: SentFileKind;
  mimeType: string;
  fileName: string | null;
  size: number;
  sha256: string;
}
/** Something done from here with the phone's account. */
export type AgentAct =
  | {
      kind: "sent";
      waKey: string;
      number: string;
      /** Text or caption. */
      body: string;
      quoted?: MessageName;
      file?: ArrivedFile;
      place?: Location;
    }
  | { kind: "changed"; waKey: string; number: string; change: MessageChange; target: MessageName; body: string }
  | { kind: "typing"; number: string; state: TypingState }
  | { kind: "read"; number: string };

/** What others see of it. */
export function actOf(order: Outgoing, number: string, file: ArrivedFile | undefined): AgentAct {
  const { waKey } = order;
  if ("target" in order) {
    const body = order.kind === "edit" ? order.body : order.kind === "reaction" ? order.emoji : "";
    return { kind: "changed", waKey, number, change: order.kind, target: order.target, body };
  }
  const quoted = order.quoted ? { quoted: order.quoted } : {};
  if (order.kind === "media")
    return { kind: "sent", waKey, number, body: order.caption, ...(file && { file }), ...quoted };
  if (order.kind === "location") return { kind: "sent", waKey, number, body: "", place: order.place, ...quoted };
  return { kind: "sent", waKey, number, body: order.body, ...quoted };
}

/** Takes all of it, as WhatsApp's servers would. */
export async function takeFile(as: SentFileKind, { mimeType, fileName, open }: OutgoingFile): Promise<ArrivedFile> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of open()) {
    hash.update(piece);
    size += piece.byteLength;
  }
  return { as, mimeType, fileName, size, sha256: hash.digest("hex") };
}
