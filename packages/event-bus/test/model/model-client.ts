import { type Audience, isInAudience, seesWholeCompany } from "@syszap/contracts";
import type { ClientRecord } from "@syszap/testing/oracle";
import type { Rule } from "./rules.ts";

/** A message of a gateway to a client. */
export type GatewayMessage =
  | { kind: "event"; id: string; label: string; cursor: string }
  | { kind: "welcome"; cursor: string; recovered: boolean }
  | { kind: "resync"; cursor: string };

/** One client. `wire` has messages in transit, `inbox` has received messages that are not processed yet. */
export class ModelClient {
  wire: GatewayMessage[] = [];
  inbox: GatewayMessage[] = [];
  isConnected = false;
  /** Number of the connection. Results for older connections are ignored. */
  attempt = 0;
  private readonly known = new Set<string>();

  constructor(
    readonly record: ClientRecord,
    public cursor: string,
    private readonly off: ReadonlySet<Rule>,
  ) {}

  mayRead(audience: Audience): boolean {
    const { userId, role, teams } = this.record.reader;
    return isInAudience(audience, { userId, role, seesAll: seesWholeCompany(role), teams: new Set(teams) });
  }

  arrive(): void {
    const next = this.wire.shift();
    if (!next) return;
    this.inbox.push(next);
    if (this.off.has("a cursor moves with delivered events")) this.cursor = next.cursor;
  }

  process(): void {
    const message = this.inbox.shift();
    if (!message) return;
    if (message.kind === "event") this.processEvent(message);
    else if (message.kind === "resync" || !message.recovered) this.refetch(message.kind);
    this.cursor = message.cursor;
  }

  private processEvent({ id, label, cursor }: GatewayMessage & { kind: "event" }): void {
    const isRepeat = this.known.has(id) || this.known.has(cursor);
    if (isRepeat && !this.off.has("a client drops repeats")) return;
    this.known.add(id).add(cursor);
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
