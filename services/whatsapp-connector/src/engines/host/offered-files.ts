import { MediaError, type Pieces } from "../contract/engine.ts";

/** Refers to a file in a message between processes. The receiver pulls its pieces by this number. */
export interface Offered {
  file: number;
}

/** The sending side of files that pass between processes. Reads a piece only when the receiver requests it. */
export class OfferedFiles {
  private readonly open = new Map<number, AsyncIterator<Uint8Array>>();
  private lastId = 0;

  offer(pieces: Pieces): Offered {
    this.lastId += 1;
    this.open.set(this.lastId, pieces[Symbol.asyncIterator]());
    return { file: this.lastId };
  }

  /** Returns null at the end. The end and an error both close the file. */
  async pull(file: number): Promise<Uint8Array | null> {
    const pieces = this.open.get(file);
    if (!pieces) throw new MediaError("the file is no longer open", "transient");
    try {
      const { done, value } = await pieces.next();
      if (done !== true) return value;
    } catch (err) {
      this.open.delete(file);
      throw err;
    }
    this.open.delete(file);
    return null;
  }

  /** Closes a file before its end. */
  drop(file: number): void {
    const pieces = this.open.get(file);
    this.open.delete(file);
    pieces?.return?.().catch(() => undefined); // an error of the source no longer matters
  }
}

/** The receiving side. Requests the next piece while the current one is used, and never more than that. */
export async function* receiveOffered(
  offer: () => Promise<Offered>,
  from: { pull(file: number): Promise<Uint8Array | null>; drop(file: number): void },
): AsyncGenerator<Uint8Array, void, void> {
  const { file } = await offer();
  const pull = () => {
    const pending = from.pull(file);
    pending.catch(() => undefined); // not awaited if the consumer stops
    return pending;
  };
  try {
    for (let pending = pull(); ; ) {
      const piece = await pending;
      if (piece === null) return;
      pending = pull();
      yield piece;
    }
  } finally {
    from.drop(file);
  }
}

export const isPieces = (value: unknown): value is Pieces =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;
