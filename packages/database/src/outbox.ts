import type { DurableEvent } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRows, type Scope } from "./sql/query.ts";

/** Given by the service: publishes the events of one company, or rejects. Publishing an event again is a no-op there. */
export type PublishDurable = (companyId: string, events: DurableEvent[]) => Promise<unknown>;

/** How the database speaks up; pino's logger fits. */
export interface DatabaseLog {
  warn(fields: object, message: string): void;
}

/** What a transaction tells, in one row: it commits with the transaction, or is never heard of. */
export function saveToOutbox(scope: Scope, id: string, events: readonly DurableEvent[]): void {
  scope.prepared.send("insert into outbox (company_id, id, events) values (:companyId, :id, :events::json)", {
    companyId: scope.companyId,
    id,
    events: JSON.stringify(events),
  });
}

const markDelayMs = 50;

/** Publishes what was just committed and marks it, in batches. What fails here is the sweep's to publish. */
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
      this.log?.warn({ err, companyId, outboxId: id }, "events were committed but not published: the sweep will do it");
      return;
    }
    const ids = this.unmarked.get(companyId);
    if (ids) ids.push(id);
    else this.unmarked.set(companyId, [id]);
    this.timer ??= setTimeout(() => void this.flush(), markDelayMs);
  }

  /** Marks what was published so far; an unmarked row is only published once more, to no effect. */
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
        this.log?.warn({ err, companyId, rows: ids.length }, "published events could not be marked");
      }
    }
  }
}
