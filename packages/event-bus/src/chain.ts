import type { Audience } from "@syszap/contracts";
import type { Header, Position } from "./header.ts";

/** One event as it came: the header for the gateway, the frame for the browser. */
export interface Publication {
  header: Header;
  /** The finished client frame; nobody between publisher and browser looks into it. */
  frame: Buffer;
}
/** A publication that has its place in the log. */
export interface Durable extends Publication {
  header: Header & { position: Position };
}
export const isDurable = (publication: Publication): publication is Durable =>
  publication.header.position !== undefined;

/** A stretch of the log, read in one step together with the head of that moment. */
export interface LogPage {
  entries: readonly Durable[];
  head: Position | undefined;
  isLast: boolean;
}

/**
 * What of a page follows `from`, or undefined when that can't be proven: `from` still stands at its place, or the next
 * entry names it as the one before, or it is the head itself. The page was read from the number of `from` on.
 */
export function continuation(from: Position, { entries, head }: LogPage): Durable[] | undefined {
  const first = entries[0];
  if (!first) return head?.link === from.link ? [] : undefined;
  const next = first.header.position.link === from.link ? entries.slice(1) : [...entries];
  let { link } = from;
  for (const { header } of next) {
    if (header.prev !== link) return undefined;
    link = header.position.link;
  }
  return next;
}

export type Verdict = "late" | "deliver" | "gap";
export interface TailLimits {
  publications: number;
  bytes: number;
}
const defaultLimits: TailLimits = { publications: 2_000, bytes: 4 * 1024 * 1024 };

/** All that is kept of a publication: its number and the link before it follow from its place. */
interface Kept {
  link: string;
  audience: Audience;
  frame: Buffer;
}

/**
 * What this process knows of a channel without a hole: an anchor, and every publication since. Links decide, never
 * sizes of numbers: after a failover the same numbers may come again for other events.
 */
export class Chain {
  /** As few objects as can be: of thousands for each company, the collector looks at every one again and again. */
  private tail: Kept[] = [];
  private bytes = 0;
  private before: Position;

  constructor(
    start: Position,
    private readonly limits: TailLimits = defaultLimits,
  ) {
    this.before = start;
  }

  /** The newest position: that of the last delivered publication. */
  get last(): Position {
    return this.positionAt(this.tail.length - 1);
  }

  /** The oldest position from which everything that follows is at hand. */
  get anchor(): Position {
    return this.before;
  }

  judge(header: Durable["header"]): Verdict {
    if (header.prev === this.lastLink) return "deliver";
    return this.holds(header.position) ? "late" : "gap";
  }

  /** Only after the verdict "deliver". */
  append(publication: Durable): void {
    this.tail.push(toKept(publication));
    this.bytes += publication.frame.length;
    this.trim();
  }

  /** Begins anew after a loss that can't be filled. */
  restart(at: Position): void {
    this.tail = [];
    this.bytes = 0;
    this.before = at;
  }

  /** True when this very event is known here; the same number with another link is another event. */
  holds(position: Position): boolean {
    return this.linkAt(position.seq) === position.link;
  }

  /** What came after a position, or undefined when that can't be said from here. */
  since(position: Position): Durable[] | undefined {
    return this.holds(position) ? this.tailFrom(position.seq - this.before.seq) : undefined;
  }

  /** Puts older publications in front, as far as they join on to the anchor without a hole. */
  extendBack(older: readonly Durable[]): void {
    let anchor = this.before;
    let from = older.length;
    for (; from > 0; from--) {
      const candidate = older[from - 1];
      if (candidate?.header.position.link !== anchor.link || candidate.header.position.seq !== anchor.seq) break;
      anchor = { seq: anchor.seq - 1, link: candidate.header.prev };
    }
    const joined = older.slice(from);
    this.tail = [...joined.map(toKept), ...this.tail];
    this.bytes += joined.reduce((sum, { frame }) => sum + frame.length, 0);
    this.before = anchor;
    this.trim();
  }

  private linkAt(seq: number): string | undefined {
    if (seq === this.before.seq) return this.before.link;
    return this.tail[seq - this.before.seq - 1]?.link;
  }

  private get lastLink(): string {
    return this.tail.at(-1)?.link ?? this.before.link;
  }

  /** Of the entry at this index of the tail; before the first one stands the anchor. */
  private positionAt(index: number): Position {
    const kept = this.tail[index];
    return kept ? { seq: this.before.seq + index + 1, link: kept.link } : this.before;
  }

  private tailFrom(first: number): Durable[] {
    return this.tail.slice(first).map(({ audience, frame }, offset) => {
      const [{ link: prev }, position] = [this.positionAt(first + offset - 1), this.positionAt(first + offset)];
      return { header: { position, prev, expiresAt: 0, audience }, frame };
    });
  }

  /** In strides, so that a full tail costs no copy for each publication. */
  private trim(): void {
    const isOver = this.tail.length > this.limits.publications * 1.25 || this.bytes > this.limits.bytes;
    if (!isOver) return;
    let drop = 0;
    while (
      drop < this.tail.length - 1 &&
      (this.tail.length - drop > this.limits.publications || this.bytes > this.limits.bytes * 0.75)
    ) {
      this.bytes -= this.tail[drop]?.frame.length ?? 0;
      drop += 1;
    }
    this.before = this.positionAt(drop - 1);
    this.tail = this.tail.slice(drop);
  }
}

const toKept = ({ header: { position, audience }, frame }: Durable): Kept => ({ link: position.link, audience, frame });
