import { createHash } from "node:crypto";
import type { Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";

export interface UnknownPayload {
  sessionId: string;
  /** Expected kind of the payload, such as a message or a receipt. */
  kind: string;
  /** Names of the unexpected fields or types, never their values. */
  shape: string;
  /** Key of the message that was stored in its place, if there is one. */
  waKey: string | null;
  payload: string;
}

const maxPerDay = 100;
const keptDays = 30;

/** WhatsApp payloads in a form that the engine does not know, kept so that support for them can be added. */
export class UnknownPayloadRepository {
  constructor(private readonly scope: Scope) {}

  /**
   * Keeps a payload; a payload that is kept already only raises its count. Deletes payloads older than 30 days. False when the
   * session reached its daily limit, which concurrent calls may exceed by one.
   */
  async keep(payload: UnknownPayload): Promise<boolean> {
    const text = toStorableText(payload.payload);
    const row = await this.scope.row(
      `with forgotten as (
         delete from unknown_payloads where company_id = :companyId and session_id = :sessionId
           and first_seen_at < now() - make_interval(days => :keptDays::int)
       )
       insert into unknown_payloads (company_id, session_id, kind, shape, wa_key, digest, payload)
       select :companyId, :sessionId, :kind, :shape, :waKey, :digest, :payload
       where (select count(*) from unknown_payloads where company_id = :companyId and session_id = :sessionId
           and first_seen_at > now() - interval '1 day') < :maxPerDay
         or exists (select from unknown_payloads where company_id = :companyId and session_id = :sessionId and digest = :digest)
       on conflict (company_id, session_id, digest)
         do update set times_seen = unknown_payloads.times_seen + 1, last_seen_at = now()
       returning id`,
      {
        maxPerDay,
        keptDays,
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
