import type { Knex } from "knex";
import { queryOne, queryRows } from "../../sql/query.ts";

/** Changes of access in one company that gateways do not know yet. */
export interface Revocations {
  /** Logins and API keys that ended. */
  loginIds: string[];
  /** The company's present state, if it was suspended or reopened. */
  isSuspended: boolean | undefined;
}
/** Rejects when the gateways could not be informed. */
export type SendRevocations = (companyId: string, revocations: Revocations) => Promise<void>;

const batchSize = 500;
const maxCompaniesPerSweep = 100;
const defaultMinAgeMs = 2_000;

/** Ended access that was committed and not yet sent to the gateways, of all companies. Decision 058. */
export class PendingRevocations {
  constructor(private readonly db: Knex) {}

  /**
   * Sends those of one company. When `send` rejects, they stay for the next call. Calls for one company run one after the other, also
   * in other processes, so that the company's newest state is sent last.
   */
  send(companyId: string, send: SendRevocations): Promise<void> {
    return this.db.transaction(async (trx) => {
      await queryRows(trx, "select pg_advisory_xact_lock(hashtextextended('revocations ' || :companyId, 0))", {
        companyId,
      });
      const rows = await queryRows<{ id: string; loginId: string | null }>(
        trx,
        `select id, login_id as "loginId" from revocations where company_id = :companyId order by created_at limit :batchSize`,
        { companyId, batchSize },
      );
      if (rows.length === 0) return;
      const loginIds = rows.flatMap(({ loginId }) => loginId ?? []);
      const isSuspended = loginIds.length < rows.length ? await isCompanySuspended(trx, companyId) : undefined;
      await send(companyId, { loginIds, isSuspended });
      await queryRows(trx, "delete from revocations where company_id = :companyId and id = any(:ids)", {
        companyId,
        ids: rows.map(({ id }) => id),
      });
    });
  }

  /** Sends those that the process that committed them did not send. Returns the number of companies. */
  async sweep(send: SendRevocations, minAgeMs = defaultMinAgeMs): Promise<number> {
    const companies = await queryRows<{ companyId: string }>(
      this.db,
      `select company_id as "companyId" from revocations
       where created_at < statement_timestamp() - :minAgeMs * interval '1 millisecond'
       group by company_id order by min(created_at) limit :maxCompaniesPerSweep`,
      { minAgeMs, maxCompaniesPerSweep },
    );
    for (const { companyId } of companies) await this.send(companyId, send);
    return companies.length;
  }
}

async function isCompanySuspended(trx: Knex, companyId: string): Promise<boolean> {
  const { isSuspended } = await queryOne<{ isSuspended: boolean }>(
    trx,
    `select suspended_at is not null as "isSuspended" from companies where id = :companyId`,
    { companyId },
  );
  return isSuspended;
}
