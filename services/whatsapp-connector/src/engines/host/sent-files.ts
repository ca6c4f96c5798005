import type { Outgoing, OutgoingFile } from "../contract/engine.ts";
import { type Offered, type OfferedFiles, takeOffered } from "./offered-files.ts";
import { errorOf, type Refusal } from "./refusal.ts";

/** An order as it passes between processes: of a file it says where its bytes can be pulled. */
type Passed = Outgoing | (Omit<Extract<Outgoing, { kind: "media" }>, "file"> & { file: PassedFile });
type PassedFile = Omit<OutgoingFile, "open"> & Offered;

/** The near side: runs `pass` with the order as the host gets it; afterwards its file is closed, read or not. */
export async function passing<Answer>(
  order: Outgoing,
  files: OfferedFiles,
  pass: (order: Passed) => Promise<Answer>,
): Promise<Answer> {
  if (order.kind !== "media") return pass(order);
  const { mimeType, fileName, sizeBytes } = order.file;
  const offered = files.offer(order.file.open());
  try {
    return await pass({ ...order, file: { mimeType, fileName, sizeBytes, ...offered } });
  } finally {
    files.drop(offered.file);
  }
}

/** The far side: pulls from the connector, one piece after the other. */
export class Uplink {
  private readonly waiting = new Map<number, { resolve(piece: Uint8Array | null): void; reject(err: Error): void }>();
  private lastPull = 0;

  constructor(
    private readonly ask: (
      question: { kind: "pull"; pull: number; file: number } | { kind: "drop"; file: number },
    ) => void,
  ) {}

  /** The order as the engine wants it. */
  received(passed: Passed): Outgoing {
    if (passed.kind !== "media" || "open" in passed.file) return passed as Outgoing;
    const { file, ...about } = passed.file;
    return { ...passed, file: { ...about, open: () => this.open({ file }) } };
  }

  answered({ pull, piece, refusal }: { pull: number; piece: Uint8Array | null; refusal?: Refusal }): void {
    const waiting = this.waiting.get(pull);
    this.waiting.delete(pull);
    if (refusal) waiting?.reject(errorOf(refusal));
    else waiting?.resolve(piece);
  }

  private open(offered: Offered) {
    return takeOffered(async () => offered, {
      pull: (file) => this.pull(file),
      drop: (file) => this.ask({ kind: "drop", file }),
    });
  }

  private pull(file: number): Promise<Uint8Array | null> {
    this.lastPull += 1;
    const pull = this.lastPull;
    return new Promise((resolve, reject) => {
      this.waiting.set(pull, { resolve, reject });
      this.ask({ kind: "pull", pull, file });
    });
  }
}
