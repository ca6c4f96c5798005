import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** How to run Postgres on this machine. Postgres refuses to run as root. */
export interface PostgresAccount {
  /** Words to put before every Postgres command. */
  prefix: string[];
  user?: { uid: number; gid: number };
  /** Actual folder of the binaries. */
  folder: string;
  /** Actual folder of the data. */
  dataDirectory: string;
}

interface PostgresPaths {
  folder: string;
  dataDirectory: string;
}

/**
 * Chooses how to run Postgres. Root uses a user namespace that maps root to an ordinary user, so that binaries and data stay
 * in place even below a 0700 home. If user namespaces are forbidden, as in many containers, an ordinary user runs a copy.
 */
export async function choosePostgresAccount(
  paths: PostgresPaths,
  options: { allowNamespace?: boolean } = {},
): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return { prefix: [], ...paths };
  const user = await ordinaryUser();
  const prefix = ["unshare", "--user", `--map-user=${user.uid}`, `--map-group=${user.gid}`];
  if (
    options.allowNamespace !== false &&
    (await succeeds([...prefix, join(paths.folder, "bin/postgres"), "--version"]))
  ) {
    return { prefix, ...paths };
  }
  return { prefix: [], user, ...(await copyFor(user, paths)) };
}

/** Postgres looks up the name of its user, so the user must exist in /etc/passwd. */
async function ordinaryUser(): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const wanted of ["postgres", "nobody"]) {
    const line = lines.find(([name]) => name === wanted);
    if (line !== undefined && Number(line[2]) > 0) return { uid: Number(line[2]), gid: Number(line[3]) };
  }
  throw new Error("Postgres cannot run as root, and neither the user postgres nor the user nobody exists here.");
}

async function copyFor(user: { uid: number; gid: number }, paths: PostgresPaths): Promise<PostgresPaths> {
  const home = "/var/tmp/syszap";
  const folder = join(home, "postgres-15.18");
  const dataDirectory = join(home, `${basename(paths.dataDirectory)}-${hashOf(paths.dataDirectory)}`);
  await mkdir(home, { recursive: true, mode: 0o711 });
  if ((await stat(home)).uid !== 0) throw new Error(`${home} must belong to root, but another user owns it.`);
  await cp(paths.folder, folder, { recursive: true, force: false, verbatimSymlinks: true });
  // Without the marker file, the caller has deleted the original folder: its relocated data is stale.
  const marker = `${paths.dataDirectory}-is-elsewhere`;
  if (!existsSync(marker)) await rm(dataDirectory, { recursive: true, force: true });
  await writeFile(marker, `${dataDirectory}\n`);
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  await run("chown", ["-R", `${user.uid}:${user.gid}`, dataDirectory]);
  return { folder, dataDirectory };
}

const hashOf = (path: string) => createHash("sha256").update(path).digest("hex").slice(0, 12);

async function succeeds([command = "", ...args]: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}
