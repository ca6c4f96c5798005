import type { Role } from "@syszap/contracts";

/** The user of a client. These fields alone decide which events the client must receive. */
export interface Reader {
  companyId: string;
  userId: string;
  role: Role;
  /** Absent: none. */
  teams?: readonly string[];
}

/** A received event, or a notice that events may be missing at this position. */
export type Entry = { kind: "event"; id: string; label: string } | { kind: "gap"; reason: string; at: number };

/** Everything that one client received, in order. Its listeners write it and the oracle checks it. */
export class ClientRecord {
  readonly entries: Entry[] = [];
  private pendingGap: string | undefined;

  constructor(
    readonly name: string,
    readonly reader: Reader,
    private readonly now: () => number,
  ) {}

  /** `label` is read from the content of the event and must match the publication with this id. */
  received(id: string, label: string): void {
    this.entries.push({ kind: "event", id, label });
  }

  /** The gateway sent `resync`, or a welcome without recovery. The client must now ask its page to refetch. */
  gap(reason: string): void {
    this.entries.push({ kind: "gap", reason, at: this.now() });
    this.pendingGap = reason;
  }

  /** The client asked its page to refetch. One request covers all earlier gaps. */
  refetchRequested(): void {
    this.pendingGap = undefined;
  }

  /** Reason of the latest gap for which the client has not yet asked its page to refetch. */
  get unreportedGap(): string | undefined {
    return this.pendingGap;
  }

  get gapCount(): number {
    return this.entries.filter(({ kind }) => kind === "gap").length;
  }
}
