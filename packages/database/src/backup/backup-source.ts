import pg from "pg";
import { fileRemovalLock } from "../sql/file-removal-lock.ts";

/** A file that a row of the snapshot refers to. */
export interface StoredFileEntry {
  /** `profile` files are in the private store, encrypted. */
  kind: "media" | "profile";
  key: string;
  size: number;
  sha256: string;
}
/** A key without which some of the data cannot be decrypted. */
export interface NeededKey {
  /** The environment variable that must contain the key. */
  variable: string;
  /** Fingerprint: the id that encrypted data names. */
  id: string;
}
/** The database cannot be backed up. The message says what to do. */
export class BackupSourceError extends Error {
  override readonly name = "BackupSourceError";
}

const lockTimeoutMs = 60_000;
const filesPerFetch = 2_000;

/**
 * Reads a database for a backup, as the role `syszap_backup`. While it is open no service removes a file, so that every file that the
 * snapshot refers to stays readable. Needs a direct connection: the lock belongs to it, and ends with it.
 */
export class BackupSource {
  private constructor(private readonly client: pg.Client) {}

  /** Waits up to a minute for transactions that remove files. Throws `BackupSourceError`. */
  static async open(url: string): Promise<BackupSource> {
    const client = new pg.Client({
      connectionString: url,
      application_name: "syszap-backup",
      options: `-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c lock_timeout=${lockTimeoutMs}`,
    });
    client.on("error", () => undefined); // the next statement rejects
    await client.connect();
    const source = new BackupSource(client);
    try {
      await source.lock();
      await source.requireAllRows();
      await client.query("begin isolation level repeatable read read only");
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  private async lock(): Promise<void> {
    await this.client.query(`select pg_advisory_lock(${fileRemovalLock})`).catch((error: unknown) => {
      if (error instanceof pg.DatabaseError && error.code === "55P03")
        throw new BackupSourceError("Another backup is being made. Try again when it is finished.");
      throw error;
    });
  }

  /** A table whose policies hide rows would be incomplete in the backup without any error. */
  private async requireAllRows(): Promise<void> {
    await this.client.query("select allow_backup()");
    const { rows } = await this.client.query<{ name: string }>(`
      select c.relname as name from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relrowsecurity and (
        not exists (select from pg_policy p join pg_roles r on r.oid = any (p.polroles)
          where p.polrelid = c.oid and r.rolname = current_user and p.polpermissive and p.polcmd in ('r', '*')
            and pg_get_expr(p.polqual, p.polrelid) = 'true')
        or exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('r', '*')
          and (0 = any (p.polroles) or (select oid from pg_roles where rolname = current_user) = any (p.polroles))))
      order by 1`);
    if (rows.length > 0)
      throw new BackupSourceError(
        `The backup role does not see every row of ${rows.map(({ name }) => name).join(", ")}. Use the role syszap_backup, and run the migrations of this version.`,
      );
  }

  /** The snapshot, for pg_dump. Valid until `endSnapshot`. */
  async exportSnapshot(): Promise<string> {
    const { rows } = await this.client.query<{ name: string }>("select pg_export_snapshot() as name");
    return rows[0]?.name ?? "";
  }

  async describe(): Promise<{ serverMajor: number; owner: string; databaseBytes: number; migrations: string[] }> {
    const { rows } = await this.client.query<{ version: number; owner: string; bytes: string; migrations: string[] }>(`
      select current_setting('server_version_num')::int / 10000 as version,
        (select tableowner from pg_tables where schemaname = 'public' and tablename = 'companies') as owner,
        pg_database_size(current_database()) as bytes,
        array(select name from knex_migrations order by id) as migrations`);
    const [row] = rows;
    if (!row) throw new Error("the statement returned no row");
    return {
      serverMajor: row.version,
      owner: row.owner,
      databaseBytes: Number(row.bytes),
      migrations: row.migrations,
    };
  }

  /**
   * The files of the snapshot, sorted by key. Files of companies whose deletion has begun are left out: they are being removed, and a
   * restored database continues the deletion.
   */
  async *files(): AsyncGenerator<StoredFileEntry[]> {
    await this.client.query(`
      declare files no scroll cursor for
      with kept as (select id from companies where deletion_started_at is null)
      select distinct on (kind, key) kind, key, size::float8 as size, sha256 from (
        select 'media' as kind, storage_key as key, size, sha256, company_id from media
        union all select 'media', storage_key, size, sha256, company_id from media_thumbnails where storage_key is not null
        union all select 'profile', storage_key, size, sha256, company_id from session_profiles where storage_key is not null
      ) stored join kept on kept.id = stored.company_id order by kind, key`);
    for (;;) {
      const { rows } = await this.client.query<StoredFileEntry>(`fetch ${filesPerFetch} from files`);
      if (rows.length === 0) break;
      yield rows;
    }
    await this.client.query("close files");
  }

  /** The keys of secrets in the database. Sealed secrets begin with the id of their key. */
  async neededKeys(): Promise<NeededKey[]> {
    const { rows } = await this.client.query<NeededKey>(`
      select 'ACCOUNT_ENCRYPTION_KEY' as variable, encode(substr(sealed_secret, 1, 8), 'hex') as id from second_factors
      union select 'ACCOUNT_ENCRYPTION_KEY', encode(substr(sealed_secret, 1, 8), 'hex') from operator_second_factors
      union select 'SESSION_ENCRYPTION_KEY', encode(substr(sealed_credentials, 1, 8), 'hex') from session_proxies
        where sealed_credentials is not null
      order by 1, 2`);
    return rows;
  }

  /** Ends the snapshot, which keeps Postgres from removing old rows. Files stay until `close`. */
  async endSnapshot(): Promise<void> {
    await this.client.query("commit");
  }

  /** Throws when the connection was lost meanwhile: then files may have been removed. */
  async requireLock(): Promise<void> {
    await this.client.query("select 1").catch((cause: unknown) => {
      throw new BackupSourceError("The connection to Postgres was lost during the backup. Run it again.", { cause });
    });
  }

  /** Lets services remove files again. */
  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}
