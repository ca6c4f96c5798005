import { createHash } from "node:crypto";
import { queryRow, type Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";

export interface UnknownPayload {
  sessionId: string;
  /** What it would have been: a message, a receipt. */
  kind: string;
  /** What is strange about it, in names of fields or types: never what stands in them. */
  shape: string;
  /** Of the message that was stored in its place, if it could be. */
  waKey: string | null;
  payload: string;
}

const mostPerDay = 100;
const keptDays = 30;

/** What WhatsApp said in a shape that nobody knows yet, kept until somebody does. */
export class UnknownPayloadRepository {
  constructor(private readonly scope: Scope) {}

  /**
   * The same payload again only counts. False: the session has kept as many today as it may; older than 30 days is forgotten.
   * Two at once may go over the bound by one.
   */
  async keep(payload: UnknownPayload): Promise<boolean> {
    const text = toStorableText(payload.payload);
    const row = await queryRow(
      this.scope.db,
      `with forgotten as (
         delete from unknown_payloads where company_id = :companyId and session_id = :sessionId
           and first_seen_at < now() - make_interval(days => :keptDays::int)
       )
       insert into unknown_payloads (company_id, session_id, kind, shape, wa_key, digest, payload)
       select :companyId, :sessionId, :kind, :shape, :waKey, :digest, :payload
       where (select count(*) from unknown_payloads where company_id = :companyId and session_id = :sessionId
           and first_seen_at > now() - interval '1 day') < :mostPerDay
         or exists (select from unknown_payloads where company_id = :companyId and session_id = :sessionId and digest = :digest)
       on conflict (company_id, session_id, digest)
         do update set times_seen = unknown_payloads.times_seen + 1, last_seen_at = now()
       returning id`,
      {
        ...{ companyId: this.scope.companyId, mostPerDay, keptDays },
        sessionId: payload.sessionId,
        kind: payload.kind,
        shape: toStorableText(payload.shape),
        waKey: payload.waKey === null ? null : toStorableText(payload.waKey),
        digest: createHash("sha256").update(text).digest("hex"),
        payload: text,
      },
    );
    return row !== undefined;
  }
}
