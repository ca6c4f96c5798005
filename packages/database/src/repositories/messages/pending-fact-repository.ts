import { lockNames } from "../../sql/locks.ts";
import { queryOne, type Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import type { MessageKey } from "./message-row.ts";

export interface PendingFact {
  /** The same for the same fact, however often it is told. */
  id: string;
  /** Name of its job. */
  kind: string;
  /** Its job's data, as JSON. */
  payload: string;
}
/** Of a company: beyond, its oldest are forgotten. */
const mostPendingFacts = 20_000;

/** What WhatsApp said of messages that are not stored yet. */
export class PendingFactRepository {
  constructor(private readonly scope: Scope) {}

  /**
   * From the next statement until the transaction ends, nobody else stores these messages or anything about them. Whoever stores
   * either takes it first of all locks: else each could find the other absent, and the fact would wait for ever.
   */
  lock(...keys: MessageKey[]): void {
    const nameOf = (key: MessageKey) => ["message", this.scope.companyId, key.sessionId, key.direction, key.waKey];
    lockNames(this.scope, keys.map(nameOf));
  }

  /** Keeps it until its message comes; once, however often it is told. Answers with how many older ones were forgotten for it. */
  async keep(key: MessageKey, fact: PendingFact, most = mostPendingFacts): Promise<number> {
    const { forgotten } = await queryOne<{ forgotten: string }>(
      this.scope.db,
      `with held as (
         select count(*) as number from pending_facts where company_id = :companyId
       ), oldest as (
         select ctid from pending_facts where company_id = :companyId order by kept_at
         limit (select greatest(0, number - :most + 1) from held) for update skip locked
       ), forgotten as (
         delete from pending_facts where company_id = :companyId and ctid in (select ctid from oldest) returning 1
       ), kept as (
         insert into pending_facts (company_id, session_id, direction, wa_key, fact_id, kind, payload)
         values (:companyId, :sessionId, :direction, :waKey, :id, :kind, :payload)
         on conflict do nothing
       )
       select count(*) as forgotten from forgotten`,
      { ...this.keyOf(key), ...fact, id: toStorableText(fact.id), most },
    );
    return Number(forgotten);
  }

  /** What waited for these messages, oldest first; it waits no more. */
  take(...keys: MessageKey[]): Promise<PendingFact[]> {
    return this.scope.prepared.rows<PendingFact>(
      `with taken as (
         delete from pending_facts where company_id = :companyId and (session_id, direction, wa_key) in (
           select * from unnest(:sessionIds::uuid[], :directions::smallint[], :waKeys::text[]))
         returning fact_id as id, kind, payload, kept_at
       )
       select id, kind, payload from taken order by kept_at, id`,
      {
        companyId: this.scope.companyId,
        sessionIds: keys.map(({ sessionId }) => sessionId),
        directions: keys.map(({ direction }) => direction),
        waKeys: keys.map(({ waKey }) => toStorableText(waKey)),
      },
    );
  }

  private keyOf({ sessionId, direction, waKey }: MessageKey) {
    return { companyId: this.scope.companyId, sessionId, direction, waKey: toStorableText(waKey) };
  }
}
