import type { NumberedEvent, Random } from "@syszap/testing/oracle";
import { labelOf } from "@syszap/testing/oracle";
import type { Durable, LogPage } from "../../src/chain.ts";
import type { Position } from "../../src/header.ts";
import type { Rule } from "./rules.ts";

interface State {
  head: Position | undefined;
  log: Durable[];
  places: Map<string, Position>;
}
const nothing = (): State => ({ head: undefined, log: [], places: new Map() });
const copy = ({ head, log, places }: State): State => ({ head, log: [...log], places: new Map(places) });

/** One channel in a Redis with a replica that lags. What the scripts do in one step is one step here. */
export class ModelRedis {
  /** Another one after each restart or failover. */
  identity = 1;
  private state = nothing();
  private replica = nothing();
  private old = nothing();
  readonly subscribers = new Set<(publication: Durable) => void>();

  constructor(
    private readonly random: Random,
    private readonly off: ReadonlySet<Rule>,
    private readonly logLength: number,
  ) {}

  /** False when the id is known: then nothing happens. */
  publish(event: NumberedEvent): boolean {
    const known = this.state.places.get(event.id);
    if (known && !this.off.has("an id is published once")) return false;
    const before = this.openHead();
    const seq = before.seq + 1;
    const link = this.off.has("links are random") ? seq.toString(16).padStart(16, "0") : this.random.hex(16);
    const position = { seq, link };
    const publication: Durable = {
      header: { position, prev: before.link, expiresAt: 0, audience: event.audience },
      frame: Buffer.from(JSON.stringify({ id: event.id, label: labelOf(event) })),
    };
    this.state.log = [...this.state.log, publication].slice(-this.logLength);
    this.state.head = position;
    this.state.places.set(event.id, position);
    for (const tell of this.subscribers) tell(publication);
    return true;
  }

  openHead(): Position {
    if (!this.state.head) this.beginAnew();
    return this.state.head ?? { seq: 0, link: "" };
  }

  readHead(): Position | undefined {
    return this.state.head;
  }

  /** As `Publisher.republish` asks: true when the log can't be what it was. */
  restartUnlessKnown(ids: readonly string[]): boolean {
    const isKnown = ids.every((id) => this.state.places.has(id));
    if (!isKnown) this.beginAnew();
    return !isKnown;
  }

  page(fromSeq: number): LogPage {
    return { entries: this.range(fromSeq, Number.POSITIVE_INFINITY), head: this.state.head, isLast: true };
  }

  range(fromSeq: number, toSeq: number): Durable[] {
    return this.state.log.filter(({ header: { position } }) => position.seq >= fromSeq && position.seq <= toSeq);
  }

  replicate(): void {
    this.replica = copy(this.state);
  }

  /** The state that a much later restart may bring back. */
  snapshot(): void {
    this.old = copy(this.state);
  }

  comeBack(as: "replica" | "old" | "empty"): void {
    this.identity += 1;
    this.state = as === "empty" ? nothing() : copy(as === "replica" ? this.replica : this.old);
    this.replica = copy(this.state);
    this.subscribers.clear();
  }

  private beginAnew(): void {
    const link = this.off.has("a genesis is random") ? "0".repeat(16) : this.random.hex(16);
    this.state = { ...nothing(), head: { seq: 0, link } };
  }
}
