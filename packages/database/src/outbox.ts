import type { Audience, DurableEvent } from "@syszap/contracts";
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
/** An outbox row whose events were published at these positions. Without positions, it is only marked. */
export interface PublishedOutboxRow {
  companyId: string;
  id: string;
  events: readonly DurableEvent[];
  positions: readonly EventPosition[];
}

/**
 * Marks outbox rows as published, and adds their events to the event logs of their companies in the order of their positions. Also adds
 * those events of the `waiting` companies whose missing predecessors cannot arrive any more.
 */
export async function logPublished(
  db: Knex,
  rows: readonly PublishedOutboxRow[],
  waiting: readonly string[] = [],
): Promise<void> {
  const events = rows.flatMap(({ events, positions }, row) =>
    positions.flatMap((position, index) => {
      const event = events[index];
      return event && isForManagers(event.audience) ? [{ ...position, event, row, index }] : [];
    }),
  );
  await queryRows(
    db,
    `select log_published_rows(:companies::uuid[], :rows::uuid[], :ofRows::int[], :places::int[], :epochs::bigint[], :seqs::bigint[],
       :ids::uuid[], :types::text[], :skipped::int[])`,
    {
      companies: [...rows.map(({ companyId }) => companyId), ...waiting],
      rows: rows.map(({ id }) => id),
      ofRows: events.map(({ row }) => row + 1),
      places: events.map(({ index }) => index + 1),
      epochs: events.map(({ epoch }) => epoch),
      seqs: events.map(({ seq }) => seq),
      ids: events.map(({ event }) => event.id),
      types: events.map(({ event }) => event.type),
      skipped: events.map(({ event }) => beginningOf(event).length),
    },
  );
}

/** Consumers belong to owners and admins, who receive the events of every reach. See migration 032. */
const isForManagers = (audience: Audience): boolean =>
  audience.kind === "company" || (audience.kind === "reach" && audience.except === undefined);

/** The part of a logger that this package uses. A pino logger has it. */
export interface DatabaseLog {
  warn(fields: object, message: string): void;
}

/** Adds the events of a transaction to the outbox, in one row. The row is committed with the transaction. */
export function saveToOutbox(scope: Scope, id: string, events: readonly DurableEvent[]): void {
  scope.prepared.send("insert into outbox (company_id, id, events) values (:companyId, :id, :events::json)", {
    id,
    events: `[${events.map(toStoredJson)}]`,
  });
}

/** The audience comes first: the rest of the text is what consumers receive, and `log_published_rows` copies it unparsed. */
function toStoredJson(event: DurableEvent): string {
  const { type, id, version, data } = event;
  return beginningOf(event) + JSON.stringify({ type, id, version, data }).slice(1);
}

const beginningOf = ({ audience }: DurableEvent): string => `{"audience":${JSON.stringify(audience)},`;

const markDelayMs = 50;
/** Bounds how long the event logs of the companies are locked. */
const maxRowsPerMark = 500;

/** Publishes committed events, and marks their outbox rows in batches. The sweep publishes what fails here. */
export class CommittedEvents {
  private unmarked: PublishedOutboxRow[] = [];
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
    this.unmarked.push({ companyId, id, events, positions });
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
    const rows = this.unmarked;
    this.unmarked = [];
    for (let from = 0; from < rows.length; from += maxRowsPerMark)
      await this.markTogether(rows.slice(from, from + maxRowsPerMark));
  }

  /** One call for all companies. If it fails, one call for each: a row that cannot be marked must not keep other companies waiting. */
  private async markTogether(rows: PublishedOutboxRow[]): Promise<void> {
    try {
      await logPublished(this.system, rows);
    } catch (err) {
      const companies = new Set(rows.map(({ companyId }) => companyId));
      if (companies.size > 1) {
        for (const company of companies) await this.markTogether(rows.filter(({ companyId }) => companyId === company));
        return;
      }
      this.log?.warn({ err, companyId: rows[0]?.companyId, rows: rows.length }, "could not mark published events");
    }
  }
}
