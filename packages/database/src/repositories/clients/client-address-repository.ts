import type { ClientAddress } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import { isoOf } from "../../sql/timestamps.ts";

interface AddressRow {
  id: string;
  kind: string;
  reported: string;
  first_at: Date | null;
  last_at: Date | null;
  is_current: boolean;
}

/** The numbers and LIDs by which WhatsApp named clients. */
export class ClientAddressRepository {
  constructor(private readonly scope: Scope) {}

  /** Newest first. Identities from before evidence was stored have no times. */
  async list(clientId: string): Promise<ClientAddress[]> {
    const rows = await this.scope.rows<AddressRow>(
      `with named as (
         select kind, value, reported, first_at, last_at from client_evidence
         where company_id = :companyId and client_id = :clientId and kind <> 'username'
       ), every as (
         select * from named
         union all
         select i.kind, i.value, i.value, null, null from client_identities i
         where i.company_id = :companyId and i.client_id = :clientId and not exists (
           select from named n where n.kind = i.kind and i.value in (n.value, n.reported))
       )
       select md5(e.kind || ':' || e.value) as id, e.kind, e.reported, e.first_at, e.last_at, exists (
         select from client_identities i where i.company_id = :companyId and i.kind = e.kind and i.value = e.value
           and i.client_id = :clientId) as is_current
       from every e order by e.last_at desc nulls last, e.kind, e.value limit 100`,
      { clientId },
    );
    return rows.map((row) => ({
      id: row.id,
      number: row.kind === "phone" ? row.reported : null,
      isCurrent: row.is_current,
      firstSeenAt: isoOf(row.first_at),
      lastSeenAt: isoOf(row.last_at),
    }));
  }
}
