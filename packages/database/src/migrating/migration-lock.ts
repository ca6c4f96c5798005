import { pause } from "@syszap/platform/async";
import type { Knex } from "knex";
import { queryOne, queryRow } from "../sql/query.ts";
import type { Blocker } from "./blockers.ts";

const key = "hashtextextended('syszap migrations', 0)";
const pollEveryMs = 500;

/**
 * Takes the lock that one migrating process holds until its connection ends. Taking it again on the same connection succeeds. It
 * polls: a session that waits in `pg_advisory_lock` has a snapshot, for which `create index concurrently` of the other process would
 * wait in turn.
 */
export async function takeMigrationLock(
  db: Knex,
  { deadlineMs, onWait }: { deadlineMs: number; onWait: (holder: Blocker | undefined) => void },
): Promise<boolean> {
  for (const startedAt = performance.now(); ; await pause(pollEveryMs)) {
    const { taken } = await queryOne<{ taken: boolean }>(db, `select pg_try_advisory_lock(${key}) as taken`);
    if (taken) return true;
    onWait(await findHolder(db));
    if (performance.now() - startedAt > deadlineMs) return false;
  }
}

const findHolder = (db: Knex): Promise<Blocker | undefined> =>
  queryRow<Blocker>(
    db,
    `select a.pid, a.usename as role, a.application_name as application, a.state, a.xact_start::text as since,
       left(a.query, 120) as query
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and (l.classid::bigint << 32 | l.objid::bigint) = ${key}`,
  );
