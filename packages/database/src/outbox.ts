import type { DurableEvent } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRows, type Scope } from "./sql/query.ts";

/** Position of a published event in the company's Redis log. A new log has a greater epoch. */
export interface EventPosition {
  epoch: number;
  seq: number;
}
/**
 * Publishes the events of one company and returns the position of each, or rejects. The service provides it. Publishing an event again
 * must have no effect and return the same position. Events without positions are not added to the event log.
 */
export type PublishDurable = (
  companyId: string,
  events: DurableEvent[],
) => Promise<readonly EventPosition[] | undefined>;
/** An outbox row whose events were published at these positions. */
export interface PublishedOutboxRow {
  id: string;
  positions: readonly EventPosition[];
}

/** Marks outbox rows of a company as published, and adds their events to the event log in the order of their positions. */
export async function logPublished(db: Knex, companyId: string, rows: readonly PublishedOutboxRow[]): Promise<void> {
  const events = rows.flatMap(({ id, positions }) => positions.map((position, index) => ({ id, index, ...position })));
  await queryRows(
    db,
    `select log_published(:companyId, :published::uuid[], :ofRows::uuid[], :places::int[], :epochs::bigint[], :seqs::bigint[])`,
    {
      companyId,
      published: rows.map(({ id }) => id),
      ofRows: events.map(({ id }) => id),
      places: events.map(({ index }) => index + 1),
      epochs: events.map(({ epoch }) => epoch),
      seqs: events.map(({ seq }) => seq),
    },
  );
}

/** The part of a logger that this package uses. A pino logger has it. */
export interface DatabaseLog {
  warn(fields: object, message: string): void;
}

/** Adds the events of a transaction to the outbox, in one row. The row is committed with the transaction. */
export function saveToOutbox(scope: Scope, id: string, events: readonly DurableEvent[]): void {
  scope.prepared.send("insert into outbox (company_id, id, events) values (:companyId, :id, :events::json)", {
    id,
    events: JSON.stringify(events),
  });
}

const markDelayMs = 50;

/** Publishes committed events, and marks their outbox rows in batches. The sweep publishes what fails here. */
export class CommittedEvents {
  private readonly unmarked = new Map<string, PublishedOutboxRow[]>();
  private timer: NodeJS.Timeout | undefined;
  private marking: Promise<void> = Promise.resolve();

  constructor(
    private readonly system: Knex,
    private readonly publishDurable: PublishDurable,
    private readonly log: DatabaseLog | undefined,
  ) {}

  async publish(companyId: string, id: string, events: DurableEvent[]): Promise<void> {
    let positions: readonly EventPosition[] = [];
    try {
      positions = (await this.publishDurable(companyId, events)) ?? [];
    } catch (err) {
      this.log?.warn(
        { err, companyId, outboxId: id },
        "committed events were not published; the outbox sweep will publish them",
      );
      return;
    }
    const rows = this.unmarked.get(companyId);
    if (rows) rows.push({ id, positions });
    else this.unmarked.set(companyId, [{ id, positions }]);
    this.timer ??= setTimeout(() => void this.flush(), markDelayMs);
  }

  /** Marks the rows that are already published. A row that stays unmarked is published again, which has no effect. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.marking = this.marking.then(() => this.mark());
    return this.marking;
  }

  private async mark(): Promise<void> {
    const batches = [...this.unmarked];
    this.unmarked.clear();
    for (const [companyId, rows] of batches) {
      try {
        await logPublished(this.system, companyId, rows);
      } catch (err) {
        this.log?.warn({ err, companyId, rows: rows.length }, "could not mark published events");
      }
    }
  }
}
