import type { Scope } from "./query.ts";

/**
 * Locks the names from the next statement until the transaction ends. Sorts them, so that two transactions cannot deadlock. A
 * transaction that locks both messages and clients must lock the messages first.
 */
export function lockNames(scope: Scope, names: readonly (string | number)[][]): void {
  scope.prepared.send(
    `select count(pg_advisory_xact_lock(name)) from (
       select distinct hashtextextended(n, 0) as name from unnest(:names::text[]) n order by 1
     ) in_order`,
    { names: names.map((name) => JSON.stringify(name)) },
  );
}
