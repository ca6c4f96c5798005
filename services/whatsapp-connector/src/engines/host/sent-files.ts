import type { Outgoing, OutgoingFile } from "../contract/engine.ts";
import { type ErrorMessage, toError } from "./error-message.ts";
import { type Offered, type OfferedFiles, receiveOffered } from "./offered-files.ts";

/** An outbound operation in the form that passes between processes: the bytes of its file are pulled. */
type PassedOutgoing = Outgoing | (Omit<Extract<Outgoing, { kind: "media" }>, "file"> & { file: PassedFile });
type PassedFile = Omit<OutgoingFile, "open"> & Offered;

/** The connector's side: calls `pass` with the operation in its passed form, and closes its file afterwards. */
export async function passOutgoing<Answer>(
  outgoing: Outgoing,
  files: OfferedFiles,
  pass: (passed: PassedOutgoing) => Promise<Answer>,
): Promise<Answer> {
  if (outgoing.kind !== "media") return pass(outgoing);
  const { mimeType, fileName, sizeBytes } = outgoing.file;
  const offered = files.offer(outgoing.file.open());
  try {
    return await pass({ ...outgoing, file: { mimeType, fileName, sizeBytes, ...offered } });
  } finally {
    files.drop(offered.file);
  }
}

/** The host's side: pulls files from the connector, one piece after the other. */
export class Uplink {
  private readonly waiting = new Map<number, { resolve(piece: Uint8Array | null): void; reject(err: Error): void }>();
  private lastPull = 0;

  constructor(
    private readonly request: (
      request: { kind: "pull"; pull: number; file: number } | { kind: "drop"; file: number },
    ) => void,
  ) {}

  /** Restores the form that an engine expects. */
  toOutgoing(passed: PassedOutgoing): Outgoing {
    if (passed.kind !== "media" || "open" in passed.file) return passed as Outgoing;
    const { file, ...about } = passed.file;
    return { ...passed, file: { ...about, open: () => this.open({ file }) } };
  }

  receive({ pull, piece, error }: { pull: number; piece: Uint8Array | null; error?: ErrorMessage }): void {
    const waiting = this.waiting.get(pull);
    this.waiting.delete(pull);
    if (error) waiting?.reject(toError(error));
    else waiting?.resolve(piece);
  }

  private open(offered: Offered) {
    return receiveOffered(async () => offered, {
      pull: (file) => this.pull(file),
      drop: (file) => this.request({ kind: "drop", file }),
    });
  }

  private pull(file: number): Promise<Uint8Array | null> {
    this.lastPull += 1;
    const pull = this.lastPull;
    return new Promise((resolve, reject) => {
      this.waiting.set(pull, { resolve, reject });
      this.request({ kind: "pull", pull, file });
    });
  }
}
