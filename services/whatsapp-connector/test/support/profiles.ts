import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connectDatabase, type Database } from "@syszap/database";
import { createFilesystemPrivateStore, type PrivateStore } from "@syszap/media-store";
import { createLogger, type Logger, MasterKeys, profileKeyPurpose } from "@syszap/platform";
import { databaseTest } from "@syszap/testing";
import pg from "pg";
import { Lease } from "../../src/lease.ts";
import { Profiles, type SessionProfile } from "../../src/profiles/index.ts";

export const newKey = () => randomBytes(32).toString("base64");
const log = createLogger({ service: "test", level: process.env.TEST_LOG_LEVEL ?? "silent" });

export interface Machine {
  directory: string;
  profiles: Profiles;
  /** Claims the session as a connector of that name, and prepares its profile. */
  claim(session: SessionOf): Promise<{ profile: SessionProfile; lease: Lease; refusal: string | undefined }>;
}

interface SessionOf {
  companyId: string;
  sessionId: string;
}

/** A store, a database and any number of machines, each with a separate profile directory. */
export class ProfileFixture {
  readonly key = newKey();
  private readonly profiles: SessionProfile[] = [];

  private constructor(
    readonly directory: string,
    readonly db: Database,
    private readonly ownerUrl: string,
  ) {}

  static async open(urls: { appUrl: string; systemUrl: string; ownerUrl: string }): Promise<ProfileFixture> {
    const directory = await mkdtemp(join(tmpdir(), "profiles-"));
    const { appUrl, systemUrl, ownerUrl } = urls;
    const db = connectDatabase({ appUrl, systemUrl, maxConnections: 3, publish: async () => undefined });
    return new ProfileFixture(directory, db, ownerUrl);
  }

  async close(): Promise<void> {
    // Profiles write their stamp in the background. Nothing may write when the directory is removed.
    const end = { detail: "failed", isEngineGone: false } as const;
    await Promise.all(this.profiles.map((profile) => profile.close(end)));
    await this.db.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  get store(): PrivateStore {
    return createFilesystemPrivateStore(this.storeDirectory, { limitBytes: 10_000_000 });
  }

  get storeDirectory(): string {
    return join(this.directory, "store");
  }

  async session(): Promise<SessionOf> {
    const { id: companyId } = await this.db.system.companies.create({ name: "Padaria São João" });
    const { id: sessionId } = await this.db.withCompany(companyId, async ({ sessions }) => {
      const session = await sessions.create({ name: "Vendas", engine: "simulator" });
      await sessions.setDesiredState(session.id, "running");
      return session;
    });
    return { companyId, sessionId };
  }

  machine(
    name: string,
    options: { key?: string | undefined; limitBytes?: number; store?: PrivateStore; log?: Logger } = {},
  ): Machine {
    const directory = join(this.directory, name);
    const key = "key" in options ? options.key : this.key;
    const profiles = new Profiles({
      directory,
      database: this.db,
      store: options.store ?? this.store,
      keys: key === undefined ? undefined : MasterKeys.parse(key, profileKeyPurpose),
      ...(options.limitBytes !== undefined && { limitBytes: options.limitBytes }),
      log: options.log ?? log,
    });
    return { directory, profiles, claim: (session) => this.claim(name, profiles, session) };
  }

  private async claim(name: string, profiles: Profiles, { sessionId }: SessionOf) {
    await this.sql("update session_leases set lease_until = '-infinity', owner = null where session_id = $1", [
      sessionId,
    ]);
    const claims = await this.db.system.leases.claim({ connectorId: name, limit: 100, holding: [] });
    const claimed = claims.find((it) => it.sessionId === sessionId);
    if (!claimed) throw new Error("the session was not claimed");
    const lease = new Lease(claimed, performance.now() + 40_000);
    const profile = profiles.of(lease, log);
    this.profiles.push(profile);
    return { profile, lease, refusal: await profile.prepare() };
  }

  find({ companyId, sessionId }: SessionOf) {
    return this.db.withCompany(companyId, ({ profiles }) => profiles.find(sessionId));
  }

  /** Returns the paths of a session's files in the store. */
  async stored({ companyId, sessionId }: SessionOf): Promise<string[]> {
    const folder = join(this.storeDirectory, "private", "profiles", companyId, sessionId);
    return (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
  }

  async sql(statement: string, values: unknown[] = []): Promise<void> {
    const client = new pg.Client({ connectionString: this.ownerUrl });
    await client.connect();
    await client.query(statement, values).finally(() => client.end());
  }
}

/** Writes files as a connected engine does. */
export async function writeFiles(directory: string, files: Record<string, string | Buffer>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
}

/** Returns contents by file name; empty if the directory does not exist. */
export async function readFiles(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = files.map(async (path) => [path.slice(directory.length + 1), await readFile(path, "latin1")] as const);
  return Object.fromEntries((await Promise.all(read)).sort());
}

export const test = databaseTest.extend<{ fixture: ProfileFixture }>({
  fixture: async ({ database }, use) => {
    const fixture = await ProfileFixture.open(database);
    await use(fixture);
    await fixture.close();
  },
});

export const stampIn = async (directory: string) =>
  JSON.parse(await readFile(join(directory, "profile-stamp.json"), "utf8"));

/** A session that was linked on machine `a` under its first lease, and stopped normally. */
export async function archived(fixture: ProfileFixture, content = "linked on a") {
  const session = await fixture.session();
  const a = fixture.machine("a");
  const { profile, lease } = await a.claim(session);
  await writeFiles(profile.directory, { "chromium/Default/IndexedDB/login": content });
  profile.onEngineState("connected");
  await profile.close({ detail: "stopped", isEngineGone: true });
  return { session, a, profile, lease };
}

export const login = (directory: string) => readFile(join(directory, "chromium/Default/IndexedDB/login"), "utf8");
