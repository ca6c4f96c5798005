import type { Scope } from "./query.ts";

/**
 * From the next statement until the transaction ends, nobody else holds any of these names. Taken in one order, so that two who
 * want several never wait for each other; a transaction that takes messages' and clients' names takes the messages' first.
 */
export function lockNames(scope: Scope, names: readonly (string | number)[][]): void {
  scope.prepared.send(
    `select count(pg_advisory_xact_lock(name)) from (
       select distinct hashtextextended(n, 0) as name from unnest(:names::text[]) n order by 1
     ) in_order`,
    { names: names.map((name) => JSON.stringify(name)) },
  );
}
