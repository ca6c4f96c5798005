import pg from "pg";
import { appRole, systemRole } from "../roles.ts";

export interface RestoreTarget {
  serverMajor: number;
  /** The role of the connection, which will own everything. */
  owner: string;
  hasTables: boolean;
  /** Connections of services. */
  connections: number;
}

/** Reads what a restore would change. */
export async function readTarget(ownerUrl: string): Promise<RestoreTarget> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "syszap-restore" });
  await client.connect();
  try {
    const { rows } = await client.query<RestoreTarget>(
      `select current_setting('server_version_num')::int / 10000 as "serverMajor", current_user as owner,
         exists (select from pg_tables where schemaname = 'public') as "hasTables",
         (select count(*)::int from pg_stat_activity where datname = current_database() and usename = any ($1)) as connections`,
      [[appRole, systemRole]],
    );
    const [row] = rows;
    if (!row) throw new Error("the statement returned no row");
    return row;
  } finally {
    await client.end();
  }
}

/** SQL that removes everything from the database. It becomes part of the restore's transaction. */
export const removeEverything = `
  drop schema public cascade;
  create schema public authorization pg_database_owner;
  grant usage on schema public to public;
`;

/** Larger than any number of claims, so that no process that ran before the restore passes for the present owner of a session. */
const generationStep = 1_000_000;

/**
 * SQL that ends the restore, in its transaction. Row security is forced for the owner too, so it is turned off meanwhile.
 * - Sessions have no owner, and generations that are higher than any that was used after the backup.
 * - Rows that are still queued may have been sent after the backup: as second attempts, the engine is asked first.
 * - Positions of the event log will be used again for other events: the log gets a new id, so that cursors of consumers are refused.
 */
export const settleRestore = `
  alter table public.session_leases no force row level security;
  update public.session_leases set owner = null, lease_until = '-infinity', move_to = null,
    generation = generation + ${generationStep} where generation > 0;
  alter table public.session_leases force row level security;
  alter table public.messages no force row level security;
  update public.messages set attempts = greatest(attempts, 1) where status = 'queued';
  alter table public.messages force row level security;
  alter table public.event_log_heads no force row level security;
  update public.event_log_heads set id = substr(md5(gen_random_uuid()::text), 1, 8);
  alter table public.event_log_heads force row level security;
`;
