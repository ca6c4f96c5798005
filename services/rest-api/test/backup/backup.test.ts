import { createHash, randomUUID } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BackupSource } from "@syszap/database";
import { createFilesystemStore } from "@syszap/media-store";
import { expect } from "vitest";
import { sweepRemovals } from "../../src/media/removal-sweep.ts";
import { type Api, openApi, type TestUser } from "../support/api-test.ts";
import { fill, privateFiles, startWriting } from "./filled-company.ts";
import { contentOf, into, newKey, test, withDatabase } from "./support.ts";

async function conversationOf(api: Api, { bearer }: TestUser, chatId: string) {
  const { body } = await api.request.get(`/v1/chats/${chatId}/messages?limit=100`).set(bearer).expect(200);
  return body.items as { id: string; body: string; mediaId: string | null; revokedAt: string | null }[];
}

/** The access token of the source is signed with another key. */
async function signedIn(api: Api, user: TestUser): Promise<TestUser> {
  const { userId, companyId, loginId, role } = user;
  const token = await api.tokens.issueAccess({ userId, companyId, loginId, role });
  return { ...user, bearer: { Authorization: `Bearer ${token}` } };
}

test("restores the conversation from a backup that was made while messages and files changed", async ({
  api,
  env,
  syszap,
  backups,
  target,
  redisUrl,
  database,
}) => {
  const filled = await fill(api, env);
  const writer = startWriting(api, filled.owner, filled);
  const before = await writer.until(4);
  const made = await syszap(["backup", "--to", backups, "--json"]);
  expect(made).toMatchObject({ code: 0, errors: "" });
  await writer.until(before + 1);
  const written = await writer.stop();
  const manifest = JSON.parse(made.output);
  expect(manifest.missing).toEqual([]);
  expect(manifest.keys.map(({ variable }: { variable: string }) => variable)).toEqual([
    "ACCOUNT_ENCRYPTION_KEY",
    "SESSION_ENCRYPTION_KEY",
    "PROFILE_ENCRYPTION_KEY",
  ]);
  for (const name of await readdir(manifest.folder))
    for (const variable of ["ACCOUNT_ENCRYPTION_KEY", "SESSION_ENCRYPTION_KEY", "PROFILE_ENCRYPTION_KEY"])
      expect(await readFile(join(manifest.folder, name), "latin1")).not.toContain(env[variable]);

  expect(await syszap(["restore", manifest.folder], into(target))).toMatchObject({ code: 0, errors: "" });

  const restored = await openApi(target, redisUrl);
  try {
    const owner = await signedIn(restored, filled.owner);
    const source = await conversationOf(api, filled.owner, filled.chat.id);
    const copy = await conversationOf(restored, owner, filled.chat.id);
    const texts = copy.map(({ body }) => body);
    expect(copy.length).toBeGreaterThan(before);
    expect(copy.length).toBeLessThan(written + 2);
    const byId = new Map(source.map((message) => [message.id, message]));
    for (const message of copy) {
      const original = byId.get(message.id);
      if (original?.revokedAt) expect(message.id).toBe(original.id);
      else expect(message).toEqual(original);
    }
    expect(texts).toContain("message 0");
  } finally {
    await restored.close();
  }
  await withDatabase(target.ownerUrl, async (db) => {
    const store = createFilesystemStore(target.mediaDirectory);
    const { rows: files } = await db.query("select storage_key, sha256 from media");
    expect(files.length).toBeGreaterThan(2);
    for (const { storage_key: key, sha256 } of files) {
      const hash = createHash("sha256");
      for await (const chunk of (await store.open(key)).stream) hash.update(chunk);
      expect({ key, sha256: hash.digest("hex") }).toEqual({ key, sha256 });
    }
    const { rows: queued } = await db.query("select attempts from messages where status = 'queued'");
    expect(queued, "the engine is asked whether they were sent").toEqual([{ attempts: 1 }]);
    const { rows: leases } = await db.query("select owner, generation::int from session_leases");
    expect(leases).toEqual([{ owner: null, generation: expect.any(Number) }]);
    expect(leases[0].generation).toBeGreaterThan(1_000_000);
  });
  const { stream } = await privateFiles(target.mediaDirectory).open(filled.profileKey);
  expect(Buffer.concat(await stream.toArray())).toEqual(filled.archive);

  // Nothing changes now: the second backup has every row of every table, and replaces what was restored.
  const second = JSON.parse((await syszap(["backup", "--to", backups, "--json"])).output);
  expect(await syszap(["restore", second.folder, "--replace"], into(target))).toMatchObject({ code: 0, errors: "" });
  const [source, copy] = [await contentOf(database.ownerUrl), await contentOf(target.ownerUrl)];
  for (const settled of ["session_leases", "messages", "event_log_heads"]) {
    expect(copy[settled]?.split(" ")[0], settled).toBe(source[settled]?.split(" ")[0]);
    delete source[settled];
    delete copy[settled];
  }
  expect(copy).toEqual(source);
});

test("a restore refuses what would destroy data or could not be read, and changes nothing", async ({
  api,
  env,
  syszap,
  backups,
  target,
  database,
}) => {
  await fill(api, env);
  const { folder } = JSON.parse((await syszap(["backup", "--to", backups, "--json"])).output);
  const restore = (changes: NodeJS.ProcessEnv = {}, ...options: string[]) =>
    syszap(["restore", folder, ...options], { ...into(target), ...changes });
  const refused = async (attempt: ReturnType<typeof restore>, message: RegExp) => {
    const { code, errors } = await attempt;
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(message) });
  };

  await refused(
    restore({ PROFILE_ENCRYPTION_KEY: newKey() }),
    /PROFILE_ENCRYPTION_KEY: the key with the fingerprint [0-9a-f]{16}/,
  );
  await refused(restore({ ACCOUNT_ENCRYPTION_KEY: "" }), /ACCOUNT_ENCRYPTION_KEY: the key/);
  await refused(syszap(["restore", backups], into(target)), /not a complete backup/);
  await refused(syszap(["restore", folder], {}), /Services are connected/);

  const manifestFile = join(folder, "manifest.json");
  const manifest = await readFile(manifestFile, "utf8");
  const changed = (change: object) => writeFile(manifestFile, JSON.stringify({ ...JSON.parse(manifest), ...change }));
  await changed({ migrations: [...JSON.parse(manifest).migrations, "999-time-travel"], version: "9.9" });
  await refused(restore(), /newer version \(9\.9\).*999-time-travel/);
  await changed({ postgres: { ...JSON.parse(manifest).postgres, major: 14 } });
  await refused(restore(), /Postgres 14/);
  await writeFile(manifestFile, manifest);

  await withDatabase(target.ownerUrl, (db) => db.query("create table precious (id int)"));
  await refused(restore(), /is not empty.*--replace/);
  const dump = join(folder, "database.dump");
  await appendFile(dump, "x");
  await refused(restore({}, "--replace"), /database\.dump is damaged/);
  await withDatabase(target.ownerUrl, async (db) => {
    const { rows } = await db.query(
      "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    );
    expect(rows).toEqual([{ relname: "precious" }]);
  });
  expect(await readdir(target.mediaDirectory)).toEqual([]);
  await withDatabase(database.ownerUrl, async (db) => {
    expect((await db.query("select from companies")).rowCount).toBe(1);
  });
});

test("a failed restore leaves the replaced database as it was", async ({ api, env, syszap, backups, target }) => {
  await fill(api, env);
  const { folder, ...manifest } = JSON.parse((await syszap(["backup", "--to", backups, "--json"])).output);
  await withDatabase(target.ownerUrl, (db) => db.query("create table precious (id int)"));
  // A dump that ends early, as if pg_restore was killed, with a matching checksum.
  const dump = await readFile(join(folder, "database.dump"));
  const half = dump.subarray(0, Math.floor(dump.byteLength * 0.6));
  await writeFile(join(folder, "database.dump"), half);
  const database = { size: half.byteLength, sha256: createHash("sha256").update(half).digest("hex") };
  await writeFile(join(folder, "manifest.json"), JSON.stringify({ ...manifest, database }));

  const { code, errors } = await syszap(["restore", folder, "--replace"], into(target));
  expect(code).toBe(1);
  expect(errors).toMatch(/pg_restore failed/);
  await withDatabase(target.ownerUrl, async (db) => {
    expect((await db.query("select to_regclass('precious') as found")).rows).toEqual([{ found: "precious" }]);
    expect((await db.query("select to_regclass('companies') as found")).rows).toEqual([{ found: null }]);
  });
});

test("repeats an interrupted backup, copies each file once and removes old backups", async ({
  api,
  env,
  syszap,
  backups,
}) => {
  const { owner, session, chat } = await fill(api, env);
  const writer = startWriting(api, owner, { session, chat });
  await writer.until(3);
  await writer.stop();
  const interrupted = join(backups, "2020-01-01T00-00-00-000Z.partial");
  await mkdir(interrupted);
  const backup = async (...options: string[]) =>
    JSON.parse((await syszap(["backup", "--to", backups, "--json", ...options])).output);
  const first = await backup();
  expect(await readdir(backups)).toEqual(expect.arrayContaining(["files", first.id]));
  expect(await readdir(backups)).toHaveLength(2);
  const [line = ""] = (await readFile(join(first.folder, "files.ndjson"), "utf8")).split("\n");
  const { key } = JSON.parse(line);
  const pooled = join(backups, "files", "media", key);
  // A file that nothing lists, as a killed removal of an old backup leaves it.
  const orphan = join(dirname(pooled), "f".repeat(64));
  await writeFile(orphan, "orphan");

  const second = await backup("--keep", "1");
  expect((await readdir(backups)).sort()).toEqual([second.id, "files"].sort());
  expect(await readdir(dirname(pooled))).toEqual([key.slice(key.lastIndexOf("/") + 1)]);
});

test("while a backup is made no file is removed, and two backups are not made at once", async ({
  api,
  env,
  syszap,
  backups,
}) => {
  const { owner, session, chat } = await fill(api, env);
  const { companyId } = owner;
  const { fileRemovals } = api.database.system;
  const meta = { companyId, mimeType: "text/plain", fileName: null };
  const file = await api.media.put(Buffer.from("deleted soon"), meta);
  const key = { sessionId: session.id, direction: 0 as const, waKey: randomUUID() };
  await api.database.withCompany(companyId, async ({ media, messages, messageChanges }) => {
    await messages.insertOnce({
      ...key,
      ...{ chatId: chat.id, kind: "document", body: "", status: null, generation: 1, receipt: 5 },
      ...{ mediaId: await media.add(file), timestampMs: Date.now() },
    });
    await messageChanges.applyRevoke(key, { timestampMs: Date.now() });
  });
  const sweep = () => sweepRemovals({ database: api.database, store: api.media }, new Date(Date.now() + 60_000));
  const finish = () =>
    api.database.withCompany(companyId, ({ mediaRemovals }) =>
      mediaRemovals.finish(file.storageKey, (removed) => api.media.remove(removed)),
    );

  const source = await BackupSource.open(env.BACKUP_DATABASE_URL ?? "");
  expect(await fileRemovals.areHeld()).toBe(true);
  await sweep();
  await finish();
  (await api.media.open(file.storageKey)).stream.destroy();
  await source.close();
  expect(await fileRemovals.areHeld()).toBe(false);
  await sweep();
  await expect(api.media.open(file.storageKey)).rejects.toThrow(/no file/);
  expect((await syszap(["backup", "--to", backups])).code).toBe(0);
});

test("refuses a database of which the role does not see every row", async ({ syszap, backups, database }) => {
  await withDatabase(database.ownerUrl, async (db) => {
    await db.query("create table hidden (company_id uuid, id int)");
    await db.query("alter table hidden enable row level security, force row level security");
    await db.query("create policy backup on hidden for select to syszap_app using (true)");
  });
  const { code, errors } = await syszap(["backup", "--to", backups]);
  expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(/does not see every row of hidden/) });
  const wrong = { BACKUP_DATABASE_URL: database.appUrl };
  expect((await syszap(["backup", "--to", backups], wrong)).code).toBe(1);
  expect((await syszap(["backup", "--to", backups], { BACKUP_DATABASE_URL: "" })).code).toBe(3);
});
