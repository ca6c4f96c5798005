import type { Audience } from "@syszap/contracts";
import type { ClientRecord } from "@syszap/testing/oracle";
import type { Rule } from "./rules.ts";

/** What a gateway says to a client. */
export type Said =
  | { kind: "event"; id: string; label: string; cursor: string }
  | { kind: "welcome"; cursor: string; recovered: boolean }
  | { kind: "resync"; cursor: string };

/** One browser: its wire holds what is on the way, its inbox what has come and was not taken yet. */
export class ModelClient {
  wire: Said[] = [];
  inbox: Said[] = [];
  isConnected = false;
  /** Counts connections: what was begun for an older one comes to nothing. */
  attempt = 0;
  private readonly taken = new Set<string>();

  constructor(
    readonly record: ClientRecord,
    public cursor: string,
    private readonly off: ReadonlySet<Rule>,
  ) {}

  mayRead(audience: Audience): boolean {
    const { userId, role } = this.record.reader;
    if (audience.kind === "user") return audience.userId === userId;
    return audience.kind === "company" || audience.roles.includes(role);
  }

  arrive(): void {
    const next = this.wire.shift();
    if (!next) return;
    this.inbox.push(next);
    if (this.off.has("a place moves with what was taken")) this.cursor = next.cursor;
  }

  take(): void {
    const said = this.inbox.shift();
    if (!said) return;
    if (said.kind === "event") this.takeEvent(said);
    else if (said.kind === "resync" || !said.recovered) this.refetch(said.kind);
    this.cursor = said.cursor;
  }

  private takeEvent({ id, label, cursor }: Said & { kind: "event" }): void {
    const isRepeat = this.taken.has(id) || this.taken.has(cursor);
    if (isRepeat && !this.off.has("a client drops repeats")) return;
    this.taken.add(id).add(cursor);
    this.record.received(id, label);
  }

  private refetch(reason: string): void {
    this.record.gap(reason);
    this.record.refetchRequested();
  }

  cut(): void {
    this.isConnected = false;
    this.attempt += 1;
    this.wire = [];
    this.inbox = [];
  }
}
