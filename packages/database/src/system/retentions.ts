import type { Knex } from "knex";
import { queryRow, queryRows } from "../sql/query.ts";

/** A company whose expired data one process removes, until its lease ends. */
export interface ClaimedRetention {
  companyId: string;
  keepsMessages: boolean;
  keepsFiles: boolean;
}

/** A client whose data one process erases, until its lease ends. */
export interface ClaimedErasure {
  companyId: string;
  clientId: string;
}

const everyDays = 1;

/** Companies that keep messages or files for a limited time, and clients that are being erased. */
export class Retentions {
  constructor(private readonly db: Knex) {}

  /** Claims the company that has waited longest, if any has expired data to look for: a day after the last time, or after the setting. */
  claim(leaseMs: number): Promise<ClaimedRetention | undefined> {
    return queryRow<ClaimedRetention>(
      this.db,
      `update companies c set retention_leased_until = now() + :leaseMs * interval '1 millisecond'
       from (
         select id from companies
         where (keep_messages_days is not null or keep_files_days is not null) and deletion_started_at is null
           and (retention_leased_until is null or retention_leased_until <= now())
           and retention_checked_at <= now() - ${everyDays} * interval '1 day'
         order by retention_checked_at limit 1 for no key update skip locked
       ) due
       where c.id = due.id
       returning c.id as "companyId", c.keep_messages_days is null as "keepsMessages", c.keep_files_days is null as "keepsFiles"`,
      { leaseMs },
    );
  }

  /** Claims one client whose erasure was requested. */
  claimErasure(leaseMs: number): Promise<ClaimedErasure | undefined> {
    return queryRow<ClaimedErasure>(
      this.db,
      `update client_erasures e set leased_until = now() + :leaseMs * interval '1 millisecond'
       from (
         select company_id, client_id from client_erasures where leased_until is null or leased_until <= now()
         order by requested_at limit 1 for no key update skip locked
       ) due
       where e.company_id = due.company_id and e.client_id = due.client_id
       returning e.company_id as "companyId", e.client_id as "clientId"`,
      { leaseMs },
    );
  }

  async extendErasure({ companyId, clientId }: ClaimedErasure, leaseMs: number): Promise<void> {
    await queryRows(
      this.db,
      `update client_erasures set leased_until = now() + :leaseMs * interval '1 millisecond'
       where company_id = :companyId and client_id = :clientId`,
      { companyId, clientId, leaseMs },
    );
  }

  async extend(companyId: string, leaseMs: number): Promise<void> {
    await queryRows(
      this.db,
      `update companies set retention_leased_until = now() + :leaseMs * interval '1 millisecond' where id = :companyId`,
      { companyId, leaseMs },
    );
  }
}
