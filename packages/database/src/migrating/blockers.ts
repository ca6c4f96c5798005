import { PeriodicTask } from "@syszap/platform/async";
import type { Knex } from "knex";
import { queryOne, queryRows } from "../sql/query.ts";

/** A session of Postgres for which a statement waits. `query` and `state` are hidden from owners without `pg_read_all_stats`. */
export interface Blocker {
  pid: number;
  role: string | null;
  application: string | null;
  state: string | null;
  since: string | null;
  query: string | null;
}

/** While `run` runs on the only connection of `db`, looks through `observer` which sessions it waits for. Calls `onChange` when they differ. */
export async function watchBlockers<T>(
  { db, observer, everyMs }: { db: Knex; observer: Knex; everyMs: number },
  onChange: (blockers: readonly Blocker[]) => void,
  run: () => Promise<T>,
): Promise<T> {
  const { pid } = await queryOne<{ pid: number }>(db, "select pg_backend_pid() as pid");
  let known = "";
  const watch = new PeriodicTask({
    everyMs,
    run: async () => {
      const blockers = await findBlockers(observer, pid);
      const pids = blockers.map((blocker) => blocker.pid).join();
      if (pids !== known && pids !== "") onChange(blockers);
      known = pids;
    },
    onError: () => undefined, // the migration itself reports a lost connection
  });
  watch.start();
  return run().finally(() => watch.stop());
}

const findBlockers = (observer: Knex, pid: number): Promise<Blocker[]> =>
  queryRows<Blocker>(
    observer,
    `select a.pid, a.usename as role, a.application_name as application, a.state, a.xact_start::text as since,
       left(a.query, 120) as query
     from unnest(pg_blocking_pids(:pid)) as blocking (pid) join pg_stat_activity a using (pid)
     order by a.pid`,
    { pid },
  );

export const describeBlocker = ({ pid, role, application, state, since, query }: Blocker): string =>
  [
    `process ${pid} of role ${role}`,
    application && `application "${application}"`,
    state && since && `${state} since ${since}`,
    query && `statement: ${query}`,
  ]
    .filter(Boolean)
    .join(", ");
