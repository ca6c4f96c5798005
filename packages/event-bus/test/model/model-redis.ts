import type { NumberedEvent, Random } from "@syszap/testing/oracle";
import { labelOf } from "@syszap/testing/oracle";
import type { Durable, LogPage } from "../../src/chain.ts";
import type { Position } from "../../src/header.ts";
import type { Rule } from "./rules.ts";

/** Small, so that most catch-ups and resumes take several pages. */
const pageLength = 3;

interface ModelMarker {
  identity: number;
  /** A tick of the outbox's clock. */
  completeAt: number;
}
interface State {
  marker: ModelMarker;
  head: Position | undefined;
  log: Durable[];
  positions: Map<string, Position>;
}
const emptyState = (): State => ({
  marker: { identity: 0, completeAt: Number.NEGATIVE_INFINITY },
  head: undefined,
  log: [],
  positions: new Map(),
});
const copy = (state: State): State => ({ ...state, log: [...state.log], positions: new Map(state.positions) });

/** One channel in a Redis with a lagging replica. Each script is one atomic step. */
export class ModelRedis {
  /** Changes with each restart or failover. */
  identity = 1;
  private state = emptyState();
  private replica = emptyState();
  private old = emptyState();
  readonly subscribers = new Set<(publication: Durable) => void>();

  constructor(
    private readonly random: Random,
    private readonly off: ReadonlySet<Rule>,
    private readonly logLength: number,
  ) {}

  /** Returns false, without publishing, if the id is known. */
  publish(event: NumberedEvent): boolean {
    const known = this.state.positions.get(event.id);
    if (known && !this.off.has("an id is published once")) return false;
    const before = this.openHead();
    const seq = before.seq + 1;
    const link = this.off.has("links are random") ? seq.toString(16).padStart(16, "0") : this.random.hex(16);
    const position = { seq, link };
    const publication: Durable = {
      header: { position, prev: before.link, expiresAt: 0, audience: event.audience, isAccessChange: false },
      frame: Buffer.from(JSON.stringify({ id: event.id, label: labelOf(event) })),
    };
    this.state.log = [...this.state.log, publication].slice(-this.logLength);
    this.state.head = position;
    this.state.positions.set(event.id, position);
    for (const deliver of this.subscribers) deliver(publication);
    return true;
  }

  openHead(): Position {
    if (!this.state.head) this.startNewLog();
    return this.state.head ?? { seq: 0, link: "" };
  }

  readHead(): Position | undefined {
    return this.state.head;
  }

  get completeAt(): number {
    return this.state.marker.completeAt;
  }

  /** Like `writeMarker`: has no effect on another Redis. */
  writeMarker({ identity, completeAt }: ModelMarker): void {
    if (identity === this.identity || this.off.has("a marker belongs to one Redis"))
      this.state.marker = { identity, completeAt };
  }

  /** Like the check of a worker that finds its own Redis. */
  renewMarker(completeAt: number): void {
    const isOwn = this.state.marker.identity === this.identity || this.off.has("a marker belongs to one Redis");
    if (isOwn) this.writeMarker({ identity: this.identity, completeAt });
  }

  knowsAll(events: readonly NumberedEvent[]): boolean {
    return events.every(({ id }) => this.state.positions.has(id));
  }

  page(fromSeq: number): LogPage {
    const entries = this.between(fromSeq, Number.POSITIVE_INFINITY);
    return { entries: entries.slice(0, pageLength), head: this.state.head, isLast: entries.length <= pageLength };
  }

  range(fromSeq: number, toSeq: number): Durable[] {
    return this.between(fromSeq, toSeq).slice(-pageLength);
  }

  private between(fromSeq: number, toSeq: number): Durable[] {
    return this.state.log.filter(({ header: { position } }) => position.seq >= fromSeq && position.seq <= toSeq);
  }

  replicate(): void {
    this.replica = copy(this.state);
  }

  /** Saves the state that a later restart with old data brings back. */
  snapshot(): void {
    this.old = copy(this.state);
  }

  restart(as: "replica" | "old" | "empty"): void {
    this.identity += 1;
    this.state = as === "empty" ? emptyState() : copy(as === "replica" ? this.replica : this.old);
    this.replica = copy(this.state);
    this.subscribers.clear();
  }

  startNewLog(): void {
    const link = this.off.has("a genesis is random") ? "0".repeat(16) : this.random.hex(16);
    this.state = { ...emptyState(), marker: this.state.marker, head: { seq: 0, link } };
  }
}
