import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ProblemError } from "../problem.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const WrittenFile = z.object({ size: z.number(), sha256 });
const NeededKey = z.object({ variable: z.string(), id: z.string() });

/** Describes one backup. Written last: a folder without it is not a backup. */
export const Manifest = z.object({
  format: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  /** `SYSZAP_VERSION` of the program that made the backup. */
  version: z.string(),
  migrations: z.array(z.string()),
  /** Major versions of the server and of pg_dump, and the role that owns the tables. */
  postgres: z.object({ major: z.number(), toolMajor: z.number(), owner: z.string() }),
  database: WrittenFile,
  files: WrittenFile.extend({ count: z.number(), bytes: z.number() }),
  /** Fingerprints of the keys that encrypted data needs; never the keys. */
  keys: z.array(NeededKey),
  /** Storage keys of files that were missing in the store when the backup was made. */
  missing: z.array(z.string()),
});
export type Manifest = z.infer<typeof Manifest>;

export const FileEntry = z.object({ kind: z.enum(["media", "profile"]), key: z.string(), size: z.number(), sha256 });
export type FileEntry = z.infer<typeof FileEntry>;

/** File names within the folder of a backup. */
export const names = { manifest: "manifest.json", database: "database.dump", files: "files.ndjson" };
/** Folder with the files of all backups, by storage key. Each file is stored once. */
export const poolOf = (directory: string) => join(directory, "files");
export const pooledPath = (directory: string, { kind, key }: Pick<FileEntry, "kind" | "key">) =>
  join(poolOf(directory), kind, key);

export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, names.manifest), "utf8").catch(() => undefined);
  if (text === undefined)
    throw new ProblemError("conflict", `${folder} is not a complete backup: it has no ${names.manifest}.`);
  const parsed = Manifest.safeParse(JSON.parse(text));
  if (!parsed.success)
    throw new ProblemError(
      "conflict",
      `${folder} has a manifest that this version cannot read. Use the version that made it.`,
    );
  return parsed.data;
}

/** Size and hash of a file, read in pieces. */
export async function describe(path: string): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { size: (await stat(path)).size, sha256: hash.digest("hex") };
}

/** Throws unless the file is the one that the manifest describes. */
export async function verify(path: string, expected: { size: number; sha256: string }): Promise<void> {
  const found = await describe(path).catch(() => undefined);
  if (found?.sha256 === expected.sha256) return;
  throw new ProblemError(
    "conflict",
    found
      ? `${path} is damaged: its checksum differs from the manifest. Use another backup.`
      : `${path} is missing. Use another backup.`,
  );
}
