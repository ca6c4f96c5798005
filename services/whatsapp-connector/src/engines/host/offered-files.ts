import { MediaError, type Pieces } from "../contract/engine.ts";

/** In an answer (or an argument): the file that the other side may pull under this number. */
export interface Offered {
  file: number;
}

/** The giving side of files that pass between processes. It reads a piece only when it is asked for one. */
export class OfferedFiles {
  private readonly open = new Map<number, AsyncIterator<Uint8Array>>();
  private lastId = 0;

  offer(pieces: Pieces): Offered {
    this.lastId += 1;
    this.open.set(this.lastId, pieces[Symbol.asyncIterator]());
    return { file: this.lastId };
  }

  /** Null at the end; after that, and after an error, the file is gone. */
  async pull(file: number): Promise<Uint8Array | null> {
    const pieces = this.open.get(file);
    if (!pieces) throw new MediaError("the file is not open any more", "transient");
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

  /** Nobody wants the rest. */
  drop(file: number): void {
    const pieces = this.open.get(file);
    this.open.delete(file);
    pieces?.return?.().catch(() => undefined); // what it held is let go of, or was lost with its page
  }
}

/** The taking side. One piece is on its way while the one before it is used, never more. */
export async function* takeOffered(
  offer: () => Promise<Offered>,
  from: { pull(file: number): Promise<Uint8Array | null>; drop(file: number): void },
): AsyncGenerator<Uint8Array, void, void> {
  const { file } = await offer();
  const pull = () => {
    const coming = from.pull(file);
    coming.catch(() => undefined); // nobody awaits it when the taker stops
    return coming;
  };
  try {
    for (let coming = pull(); ; ) {
      const piece = await coming;
      if (piece === null) return;
      coming = pull();
      yield piece;
    }
  } finally {
    from.drop(file);
  }
}

export const isPieces = (value: unknown): value is Pieces =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;
