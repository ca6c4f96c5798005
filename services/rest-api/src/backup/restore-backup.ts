import { basename, dirname, join, resolve } from "node:path";
import {
  connectDatabase,
  migrate,
  migrationNames,
  type NeededKey,
  prepareRoles,
  readTarget,
  removeEverything,
  settleRestore,
} from "@syszap/database";
import { removeCompanyKeys } from "@syszap/event-bus";
import type { MasterKeys, RedisClient } from "@syszap/platform";
import { ProblemError } from "../problem.ts";
import { copyToStore, entriesOf, type Stores } from "./copy-files.ts";
import { type Manifest, names, readManifest, verify } from "./manifest.ts";
import { findTool, restoreDatabase } from "./postgres-tools.ts";

interface RestoreOptions extends Stores {
  /** Folder of the backup. */
  folder: string;
  /** The role that owns the database. Connects directly, not through a pooler. */
  ownerUrl: string;
  appPassword: string;
  systemPassword: string;
  backupPassword?: string | undefined;
  redis: RedisClient;
  /** The configured keys, by environment variable. */
  keys: Record<string, MasterKeys | undefined>;
  /** Allows a database that has tables; all of its data is replaced. */
  mayReplace: boolean;
}

/**
 * Restores a backup into an empty database, or one that may be replaced. Everything is checked before anything is changed. The files
 * come first and the database, in one transaction, second, so that it never refers to a missing file. May be killed and repeated.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Manifest> {
  const folder = resolve(options.folder);
  const directory = dirname(folder);
  const manifest = await readManifest(folder);
  requireProgram(manifest);
  requireKeys(manifest.keys, options.keys);
  await requireTarget(manifest, options);
  const { toolMajor } = manifest.postgres;
  const [restore, psql] = [await findTool("pg_restore", toolMajor), await findTool("psql", toolMajor)];
  const dump = join(folder, names.database);
  await verify(dump, manifest.database);
  await verify(join(folder, names.files), manifest.files);

  const missing = new Set(manifest.missing);
  for await (const batch of entriesOf(join(folder, names.files)))
    await Promise.all(
      batch.filter(({ key }) => !missing.has(key)).map((entry) => copyToStore(directory, options, entry)),
    );
  // Policies and privileges in the dump name the roles.
  const { ownerUrl, appPassword, systemPassword, backupPassword } = options;
  const roles = { ownerUrl, appPassword, systemPassword, backupPassword };
  await prepareRoles(roles);
  await restoreDatabase({ restore: restore.path, psql: psql.path }, ownerUrl, {
    dump,
    before: options.mayReplace ? removeEverything : "",
    after: settleRestore,
  });
  await migrate(roles);
  await forgetPublished(options);
  return manifest;
}

function requireProgram({ migrations, version, id }: Manifest): void {
  const known = new Set(migrationNames());
  const unknown = migrations.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new ProblemError(
      "conflict",
      `Backup ${id} was made by a newer version (${version}): this one does not know ${unknown.join(", ")}. Restore it with that version or a newer one.`,
    );
}

function requireKeys(needed: NeededKey[], keys: RestoreOptions["keys"]): void {
  const absent = needed.filter(({ variable, id }) => !keys[variable]?.find(Buffer.from(id, "hex")));
  if (absent.length === 0) return;
  const list = absent.map(({ variable, id }) => `  ${variable}: the key with the fingerprint ${id}`).join("\n");
  throw new ProblemError(
    "conflict",
    `The backup has data that these keys encrypted, and they are not configured:\n${list}\nSet the keys that were used when the backup was made. Several keys are separated by commas.`,
  );
}

async function requireTarget({ postgres }: Manifest, { ownerUrl, mayReplace }: RestoreOptions): Promise<void> {
  const target = await readTarget(ownerUrl);
  if (target.serverMajor !== postgres.major)
    throw new ProblemError(
      "conflict",
      `The backup is of Postgres ${postgres.major}, and the server is Postgres ${target.serverMajor}. Restore it into ${postgres.major}, and upgrade the server then.`,
    );
  if (target.owner !== postgres.owner)
    throw new ProblemError(
      "conflict",
      `The database of the backup belongs to the role ${postgres.owner}. Connect as this role, not as ${target.owner}.`,
    );
  if (target.connections > 0)
    throw new ProblemError(
      "conflict",
      `Services are connected to the database (${target.connections} connections). Stop all services first.`,
    );
  if (target.hasTables && !mayReplace)
    throw new ProblemError(
      "conflict",
      `The database ${basename(new URL(ownerUrl).pathname)} is not empty. To delete all of its data and restore the backup, add --replace.`,
    );
}

/** Clients compare positions with the company's log. It starts again, so that they fetch all data. */
async function forgetPublished({ ownerUrl, appPassword, systemPassword, redis }: RestoreOptions): Promise<void> {
  const urlOf = (username: string, password: string) => Object.assign(new URL(ownerUrl), { username, password }).href;
  const database = connectDatabase({
    appUrl: urlOf("syszap_app", appPassword),
    systemUrl: urlOf("syszap_system", systemPassword),
    maxConnections: 1,
    publish: async () => undefined,
  });
  try {
    for (const { id } of await database.system.companies.list()) {
      const sessionIds = await database.withCompany(id, ({ sessions }) => sessions.allIds());
      await removeCompanyKeys(redis, id, sessionIds);
    }
  } finally {
    await database.close();
  }
}
