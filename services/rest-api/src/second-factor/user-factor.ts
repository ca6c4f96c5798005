import type { Account, AuditActor, Database } from "@syszap/database";
import type { FactorOwner } from "./second-factors.ts";

/** The second factor of a user. `actor` is for the audit log. */
export const userFactor = (database: Database, account: Account, actor: AuditActor): FactorOwner => ({
  id: account.userId,
  label: account.email,
  sealedFor: `${account.companyId}|${account.userId}`,
  isRequired: account.requiresSecondFactor,
  transaction: (fn) =>
    database.withCompany(account.companyId, ({ secondFactors: factors, audit }) =>
      fn({
        factors,
        record: (action) => audit.record(actor, { action, target: { kind: "user", id: account.userId } }),
      }),
    ),
});
