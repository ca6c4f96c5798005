import type { Account, Database } from "@syszap/database";
import type { FactorOwner } from "./second-factors.ts";

/** The second factor of a user. */
export const userFactor = (database: Database, account: Account): FactorOwner => ({
  id: account.userId,
  label: account.email,
  sealedFor: `${account.companyId}|${account.userId}`,
  isRequired: account.requiresSecondFactor,
  transaction: (fn) =>
    database.withCompany(account.companyId, ({ secondFactors: factors }) =>
      fn({ factors, record: async () => undefined }),
    ),
});
