import type { Audience } from "@syszap/contracts";
import type { Header, Position } from "./header.ts";

/** A published event: the header for the gateway, and the frame for clients. */
export interface Publication {
  header: Header;
  /** The complete client frame as JSON. Only the publisher and the client parse it. */
  frame: Buffer;
}
/** A publication of the log. */
export interface Durable extends Publication {
  header: Header & { position: Position };
}
export const isDurable = (publication: Publication): publication is Durable =>
  publication.header.position !== undefined;

/** A range of the log, read atomically together with the head. */
export interface LogPage {
  entries: readonly Durable[];
  head: Position | undefined;
  isLast: boolean;
}

/**
 * Returns the entries of a page if they follow `from`, or undefined if the log does not prove that they do. Proof is a first entry
 * whose `prev` is the link of `from`, or without entries a head with that link. The page must start after the `seq` of `from`.
 */
export function continuation(from: Position, { entries, head }: LogPage): readonly Durable[] | undefined {
  if (entries.length === 0) return head?.link === from.link ? [] : undefined;
  let { link } = from;
  for (const { header } of entries) {
    if (header.prev !== link) return undefined;
    link = header.position.link;
  }
  return entries;
}

export type Verdict = "late" | "deliver" | "gap";
export interface TailLimits {
  publications: number;
  bytes: number;
}
export const defaultTailLimits: TailLimits = { publications: 2_000, bytes: 4 * 1024 * 1024 };

/** Share of a full tail's bytes that remains after it was trimmed. */
const keptShare = 0.75;

/**
 * Compact form of a stored publication. `seq` and `prev` are derived from its index. The mark of an access change is not kept: it is
 * for open connections, and a connection that resumes from an earlier position is refused.
 */
interface TailEntry {
  link: string;
  audience: Audience;
  frame: Buffer;
}

/**
 * The gapless end of a channel's log that this process has in memory: an anchor position and every publication after it.
 * Positions are compared by link, never by `seq`: after a failover the same `seq` may belong to another event.
 */
export class Chain {
  /** Entries are small because there are thousands per company, and garbage collection visits each of them. */
  private tail: TailEntry[] = [];
  private bytes = 0;
  private anchorPosition: Position;

  constructor(
    start: Position,
    private readonly limits: TailLimits = defaultTailLimits,
  ) {
    this.anchorPosition = start;
  }

  /** Position of the last delivered publication. */
  get last(): Position {
    return this.positionAt(this.tail.length - 1);
  }

  /** The oldest position after which all publications are in memory. */
  get anchor(): Position {
    return this.anchorPosition;
  }

  /** Bytes of older publications that the tail can take without being trimmed at once. */
  get freeBytes(): number {
    return Math.max(0, this.limits.bytes * keptShare - this.bytes);
  }

  judge(header: Durable["header"]): Verdict {
    if (header.prev === this.lastLink) return "deliver";
    return this.holds(header.position) ? "late" : "gap";
  }

  /** Must only be called after the verdict "deliver". */
  append(publication: Durable): void {
    this.tail.push(toEntry(publication));
    this.bytes += publication.frame.length;
    this.trim();
  }

  /** Starts again at a position, after a gap that cannot be filled. */
  restart(at: Position): void {
    this.tail = [];
    this.bytes = 0;
    this.anchorPosition = at;
  }

  /** True if the publication with this `seq` and link is in memory. */
  holds(position: Position): boolean {
    return this.linkAt(position.seq) === position.link;
  }

  /**
   * Returns the next publications after a position, up to `maxBytes` but at least one if there is any. Undefined if the position is
   * not in memory.
   */
  since(position: Position, maxBytes = Number.POSITIVE_INFINITY): Durable[] | undefined {
    return this.holds(position) ? this.tailFrom(position.seq - this.anchorPosition.seq, maxBytes) : undefined;
  }

  /** Prepends older publications, as far as they connect to the anchor without a gap. */
  extendBack(older: readonly Durable[]): void {
    let anchor = this.anchorPosition;
    let from = older.length;
    for (; from > 0; from--) {
      const candidate = older[from - 1];
      if (candidate?.header.position.link !== anchor.link || candidate.header.position.seq !== anchor.seq) break;
      anchor = { seq: anchor.seq - 1, link: candidate.header.prev };
    }
    const joined = older.slice(from);
    this.tail = [...joined.map(toEntry), ...this.tail];
    this.bytes += joined.reduce((sum, { frame }) => sum + frame.length, 0);
    this.anchorPosition = anchor;
    this.trim();
  }

  private linkAt(seq: number): string | undefined {
    if (seq === this.anchorPosition.seq) return this.anchorPosition.link;
    return this.tail[seq - this.anchorPosition.seq - 1]?.link;
  }

  private get lastLink(): string {
    return this.tail.at(-1)?.link ?? this.anchorPosition.link;
  }

  /** Position of the entry at this index of the tail; index -1 is the anchor. */
  private positionAt(index: number): Position {
    const entry = this.tail[index];
    return entry ? { seq: this.anchorPosition.seq + index + 1, link: entry.link } : this.anchorPosition;
  }

  private tailFrom(first: number, maxBytes = Number.POSITIVE_INFINITY): Durable[] {
    const publications: Durable[] = [];
    let bytes = 0;
    for (let index = first; index < this.tail.length; index++) {
      const { audience, frame } = this.tail[index] as TailEntry;
      bytes += frame.length;
      if (publications.length > 0 && bytes > maxBytes) break;
      const { link: prev } = this.positionAt(index - 1);
      const position = this.positionAt(index);
      publications.push({ header: { position, prev, expiresAt: 0, audience, isAccessChange: false }, frame });
    }
    return publications;
  }

  /** Drops a quarter of a full tail at once, so that not every publication copies the tail. */
  private trim(): void {
    const isOver = this.tail.length > this.limits.publications * 1.25 || this.bytes > this.limits.bytes;
    if (!isOver) return;
    let drop = 0;
    while (
      drop < this.tail.length - 1 &&
      (this.tail.length - drop > this.limits.publications || this.bytes > this.limits.bytes * keptShare)
    ) {
      this.bytes -= this.tail[drop]?.frame.length ?? 0;
      drop += 1;
    }
    this.anchorPosition = this.positionAt(drop - 1);
    this.tail = this.tail.slice(drop);
  }
}

const toEntry = ({ header: { position, audience }, frame }: Durable): TailEntry => ({
  link: position.link,
  audience,
  frame,
});
