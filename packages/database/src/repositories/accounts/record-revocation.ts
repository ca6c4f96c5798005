import type { Knex } from "knex";
import { queryRows } from "../../sql/query.ts";

interface Revocation {
  companyId: string;
  /** The login or API key that ended. Undefined: the company was suspended or reopened. */
  loginId?: string;
}

/**
 * Records in the caller's transaction that access ended. The caller sends it to the gateways after the commit
 * (`PendingRevocations`); if the process ends before, message-worker does.
 */
export async function recordRevocation(trx: Knex, { companyId, loginId }: Revocation): Promise<void> {
  await queryRows(trx, "insert into revocations (company_id, login_id) values (:companyId, :loginId)", {
    companyId,
    loginId: loginId ?? null,
  });
}
