import type { Knex } from "knex";
import { SecondFactorStore } from "../../repositories/accounts/second-factor-store.ts";
import { queryRow } from "../../sql/query.ts";

/** Second factors of the operators. */
export class OperatorSecondFactors {
  constructor(private readonly db: Knex) {}

  transaction<T>(fn: (store: SecondFactorStore) => Promise<T>): Promise<T> {
    return this.db.transaction((trx) => fn(operatorFactorStore(trx)));
  }
}

export const operatorFactorStore = (trx: Knex): SecondFactorStore =>
  new SecondFactorStore((sql, bindings) => queryRow(trx, sql, bindings), {
    name: "operator_second_factors",
    key: { operator_id: ":id" },
  });
