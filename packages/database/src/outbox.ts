import type { DurableEvent } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRows, type Scope } from "./sql/query.ts";

/** Publishes the events of one company, or rejects. The service provides it. Publishing an event again must have no effect. */
export type PublishDurable = (companyId: string, events: DurableEvent[]) => Promise<unknown>;

/** The part of a logger that this package uses. A pino logger has it. */
export interface DatabaseLog {
  warn(fields: object, message: string): void;
}

/** Adds the events of a transaction to the outbox, in one row. The row is committed with the transaction. */
export function saveToOutbox(scope: Scope, id: string, events: readonly DurableEvent[]): void {
  scope.prepared.send("insert into outbox (company_id, id, events) values (:companyId, :id, :events::json)", {
    companyId: scope.companyId,
    id,
    events: JSON.stringify(events),
  });
}

const markDelayMs = 50;

/** Publishes committed events, and marks their outbox rows in batches. The sweep publishes what fails here. */
export class CommittedEvents {
  private readonly unmarked = new Map<string, string[]>();
  private timer: NodeJS.Timeout | undefined;
  private marking: Promise<void> = Promise.resolve();

  constructor(
    private readonly system: Knex,
    private readonly publishDurable: PublishDurable,
    private readonly log: DatabaseLog | undefined,
  ) {}

  async publish(companyId: string, id: string, events: DurableEvent[]): Promise<void> {
    try {
      await this.publishDurable(companyId, events);
    } catch (err) {
      this.log?.warn(
        { err, companyId, outboxId: id },
        "committed events were not published; the outbox sweep will publish them",
      );
      return;
    }
    const ids = this.unmarked.get(companyId);
    if (ids) ids.push(id);
    else this.unmarked.set(companyId, [id]);
    this.timer ??= setTimeout(() => void this.flush(), markDelayMs);
  }

  /** Marks what was published so far. A row that stays unmarked is published again, which has no effect. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.marking = this.marking.then(() => this.mark());
    return this.marking;
  }

  private async mark(): Promise<void> {
    const batches = [...this.unmarked];
    this.unmarked.clear();
    for (const [companyId, ids] of batches) {
      try {
        await queryRows(
          this.system,
          `update outbox set published_at = now()
           where company_id = :companyId and id = any(:ids::uuid[]) and published_at is null`,
          { companyId, ids },
        );
      } catch (err) {
        this.log?.warn({ err, companyId, rows: ids.length }, "could not mark published events");
      }
    }
  }
}
