import { lockNames } from "../../sql/locks.ts";
import type { Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import type { MessageKey } from "./message-row.ts";

export interface PendingFact {
  /** Identifies the fact; repeated reports of it have the same id. */
  id: string;
  /** Name of the job that carried the fact. */
  kind: string;
  /** The job's data as JSON. */
  payload: string;
}
/** Ceiling for each company; above it the oldest facts are deleted. */
const maxPendingFacts = 20_000;

/** Facts about messages that are not stored yet. */
export class PendingFactRepository {
  constructor(private readonly scope: Scope) {}

  /**
   * Locks these messages, from the next statement until the transaction ends, even when they are not stored. Every transaction that
   * stores a message or a fact about one must take this lock before all others: otherwise each could miss the other's row, and the
   * fact would never be applied.
   */
  lock(...keys: MessageKey[]): void {
    const lockNameOf = (key: MessageKey) => ["message", this.scope.companyId, key.sessionId, key.direction, key.waKey];
    lockNames(this.scope, keys.map(lockNameOf));
  }

  /** Keeps a fact until its message is stored; repeated calls keep it once. Returns how many older facts were deleted for it. */
  async keep(key: MessageKey, fact: PendingFact, limit = maxPendingFacts): Promise<number> {
    const { forgotten } = await this.scope.one<{ forgotten: string }>(
      `with held as (
         select count(*) as number from pending_facts where company_id = :companyId
       ), oldest as (
         select ctid from pending_facts where company_id = :companyId order by kept_at
         limit (select greatest(0, number - :limit + 1) from held) for update skip locked
       ), forgotten as (
         delete from pending_facts where company_id = :companyId and ctid in (select ctid from oldest) returning 1
       ), kept as (
         insert into pending_facts (company_id, session_id, direction, wa_key, fact_id, kind, payload)
         values (:companyId, :sessionId, :direction, :waKey, :id, :kind, :payload)
         on conflict do nothing
       )
       select count(*) as forgotten from forgotten`,
      { ...this.keyOf(key), ...fact, id: toStorableText(fact.id), limit },
    );
    return Number(forgotten);
  }

  /** Removes and returns the facts that wait for these messages, oldest first. */
  take(...keys: MessageKey[]): Promise<PendingFact[]> {
    return this.scope.prepared.rows<PendingFact>(
      `with taken as (
         delete from pending_facts where company_id = :companyId and (session_id, direction, wa_key) in (
           select * from unnest(:sessionIds::uuid[], :directions::smallint[], :waKeys::text[]))
         returning fact_id as id, kind, payload, kept_at
       )
       select id, kind, payload from taken order by kept_at, id`,
      {
        sessionIds: keys.map(({ sessionId }) => sessionId),
        directions: keys.map(({ direction }) => direction),
        waKeys: keys.map(({ waKey }) => toStorableText(waKey)),
      },
    );
  }

  private keyOf({ sessionId, direction, waKey }: MessageKey) {
    return { sessionId, direction, waKey: toStorableText(waKey) };
  }
}
