import type { Role } from "@syszap/contracts";

/** Whoever holds a client: by this alone it is decided what the client is entitled to. */
export interface Reader {
  companyId: string;
  userId: string;
  role: Role;
}

/** In the order in which the client was told: an event, or the news that something may be missing here. */
export type Entry = { kind: "event"; id: string; label: string } | { kind: "hole"; reason: string; at: number };

/** What one client got, written down by its listeners and judged by the oracle. */
export class ClientRecord {
  readonly entries: Entry[] = [];
  private owed: string | undefined;

  constructor(
    readonly name: string,
    readonly reader: Reader,
    private readonly now: () => number,
  ) {}

  /** `label` is what the event carries as its content: it must be what was published under that id. */
  took(id: string, label: string): void {
    this.entries.push({ kind: "event", id, label });
  }

  /** The gateway said `resync`, or a welcome that recovered nothing: from here on a refetch is owed to the page. */
  hole(reason: string): void {
    this.entries.push({ kind: "hole", reason, at: this.now() });
    this.owed = reason;
  }

  /** The page was told to refetch; one notice may stand for several holes before it. */
  told(): void {
    this.owed = undefined;
  }

  /** Why the page still has to be told to refetch. */
  get untold(): string | undefined {
    return this.owed;
  }

  get holes(): number {
    return this.entries.filter(({ kind }) => kind === "hole").length;
  }
}
