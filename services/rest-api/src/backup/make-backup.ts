import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BackupSource, type NeededKey } from "@syszap/database";
import { ProblemError } from "../problem.ts";
import { copyToPool, entriesOf, profileKeyId, type Stores } from "./copy-files.ts";
import { describe, type Manifest, names } from "./manifest.ts";
import { removeOldBackups } from "./old-backups.ts";
import { dumpDatabase, findTool } from "./postgres-tools.ts";

interface BackupOptions extends Stores {
  /** Folder of all backups. */
  directory: string;
  /** Connects directly, not through a pooler, as `syszap_backup`. */
  databaseUrl: string;
  version: string;
  /** Older backups are removed after a successful one, until this number is left. Undefined: none is removed. */
  keep?: number | undefined;
}

/** Ending of the folder of a backup that is not complete. */
const partialEnding = ".partial";
/** Compressed, a dump is a fraction of the database. */
const dumpFraction = 0.5;

/**
 * Makes a backup. First services stop removing files, then the snapshot of the database is taken, then the files are copied that the
 * snapshot refers to. So every file of the backup's database is in the backup; files that arrive meanwhile are in the next one.
 *
 * The work may be killed and repeated: the folder of an incomplete backup is removed by the next one, and copied files are kept.
 */
export async function makeBackup(options: BackupOptions): Promise<Manifest & { folder: string }> {
  const { directory, databaseUrl, version } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const source = await BackupSource.open(databaseUrl);
  try {
    await removePartial(directory);
    const { serverMajor, owner, databaseBytes, migrations } = await source.describe();
    const pgDump = await findTool("pg_dump", serverMajor);
    await requireSpace(directory, databaseBytes * dumpFraction);
    const createdAt = new Date().toISOString();
    const id = createdAt.replaceAll(/[:.]/g, "-");
    const folder = join(directory, id);
    const partial = `${folder}${partialEnding}`;
    await mkdir(partial, { mode: 0o700 });

    const keys = await source.neededKeys();
    const list = join(partial, names.files);
    const { count, bytes } = await writeList(source, list);
    await dumpDatabase(pgDump.path, databaseUrl, await source.exportSnapshot(), join(partial, names.database));
    await source.endSnapshot();
    const copied = await copyFiles(options, list);
    await source.requireLock();

    const manifest: Manifest = {
      ...{ format: 1, id, createdAt, version, migrations },
      postgres: { major: serverMajor, toolMajor: pgDump.major, owner },
      database: await describe(join(partial, names.database)),
      files: { ...(await describe(list)), count, bytes },
      keys: [...keys, ...copied.keys],
      missing: copied.missing,
    };
    await writeFile(join(partial, names.manifest), JSON.stringify(manifest, null, 2), { mode: 0o600, flush: true });
    await rename(partial, folder);
    if (options.keep !== undefined) await removeOldBackups(directory, options.keep);
    return { ...manifest, folder };
  } finally {
    await source.close();
  }
}

async function removePartial(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    if (name.endsWith(partialEnding)) await rm(join(directory, name), { recursive: true });
}

async function requireSpace(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize >= bytes) return;
  const mib = (value: number) => Math.ceil(value / 1024 ** 2);
  throw new ProblemError(
    "conflict",
    `${directory} has ${mib(bavail * bsize)} MiB left, and the database may need ${mib(bytes)} MiB. Free space, or remove old backups.`,
  );
}

async function writeList(source: BackupSource, list: string): Promise<{ count: number; bytes: number }> {
  const total = { count: 0, bytes: 0 };
  async function* lines() {
    for await (const files of source.files()) {
      total.count += files.length;
      total.bytes += files.reduce((sum, { size }) => sum + size, 0);
      yield files.map((file) => `${JSON.stringify(file)}\n`).join("");
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(list, { mode: 0o600, flush: true }));
  return total;
}

async function copyFiles(
  { directory, media, profiles }: BackupOptions,
  list: string,
): Promise<{ keys: NeededKey[]; missing: string[] }> {
  const missing: string[] = [];
  const keyIds = new Set<string>();
  for await (const batch of entriesOf(list))
    await Promise.all(
      batch.map(async (entry) => {
        if (!(await copyToPool(directory, { media, profiles }, entry))) missing.push(entry.key);
        else if (entry.kind === "profile") keyIds.add(await profileKeyId(directory, entry));
      }),
    );
  return { keys: [...keyIds].sort().map((id) => ({ variable: "PROFILE_ENCRYPTION_KEY", id })), missing };
}
