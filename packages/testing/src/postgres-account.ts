import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** How Postgres, which refuses to run as root, is run on this machine. */
export interface PostgresAccount {
  /** Words in front of every command. */
  prefix: string[];
  user?: { uid: number; gid: number };
  /** Where binaries and data really are. */
  folder: string;
  dataDirectory: string;
}

interface Place {
  folder: string;
  dataDirectory: string;
}

/**
 * Root runs Postgres in a user namespace, where it is somebody else who still owns root's files: nothing has to be
 * copied, also in a 0700 home. Where namespaces are forbidden (many containers) an ordinary user runs a copy.
 */
export async function choosePostgresAccount(
  place: Place,
  options: { allowNamespace?: boolean } = {},
): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return { prefix: [], ...place };
  const user = await ordinaryUser();
  const prefix = ["unshare", "--user", `--map-user=${user.uid}`, `--map-group=${user.gid}`];
  if (options.allowNamespace !== false && (await works([...prefix, join(place.folder, "bin/postgres"), "--version"]))) {
    return { prefix, ...place };
  }
  return { prefix: [], user, ...(await copyFor(user, place)) };
}

/** Postgres asks for the name of its user, so it must be one that this machine knows. */
async function ordinaryUser(): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const wanted of ["postgres", "nobody"]) {
    const line = lines.find(([name]) => name === wanted);
    if (line !== undefined && Number(line[2]) > 0) return { uid: Number(line[2]), gid: Number(line[3]) };
  }
  throw new Error("Postgres refuses to run as root, and this machine has neither a user postgres nor nobody.");
}

async function copyFor(user: { uid: number; gid: number }, place: Place): Promise<Place> {
  const home = "/var/tmp/syszap";
  const folder = join(home, "postgres-15.18");
  const dataDirectory = join(home, `${basename(place.dataDirectory)}-${hashOf(place.dataDirectory)}`);
  await mkdir(home, { recursive: true, mode: 0o711 });
  if ((await stat(home)).uid !== 0) throw new Error(`${home} must belong to root: somebody else made it.`);
  await cp(place.folder, folder, { recursive: true, force: false, verbatimSymlinks: true });
  // Whoever deleted the folder that this one stands for wanted the data gone.
  const note = `${place.dataDirectory}-is-elsewhere`;
  if (!existsSync(note)) await rm(dataDirectory, { recursive: true, force: true });
  await writeFile(note, `${dataDirectory}\n`);
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  await run("chown", ["-R", `${user.uid}:${user.gid}`, dataDirectory]);
  return { folder, dataDirectory };
}

const hashOf = (path: string) => createHash("sha256").update(path).digest("hex").slice(0, 12);

async function works([command = "", ...args]: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}
