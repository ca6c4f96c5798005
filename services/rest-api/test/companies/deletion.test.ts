import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { channels, keys } from "@syszap/contracts";
import { createFilesystemPrivateStore } from "@syszap/media-store";
import type { Redis } from "ioredis";
import pg from "pg";
import { expect } from "vitest";
import { type DeletionDependencies, deleteCompany } from "../../src/companies/deletion/delete-company.ts";
import { type Api, newInbox, newUser, password, test } from "../support/api-test.ts";
import { operatorActor, signInFirstOperator } from "../support/operator.ts";

const word = "Xilofone";

/** A company whose name, client, message, file, profile, job, dead letter and events contain the word. */
async function fillCompany(api: Api) {
  const owner = await newUser(api);
  const { companyId } = owner;
  const { companyLifecycle, deadLetters } = api.database.system;
  await companyLifecycle.rename(companyId, `${word} Ltda`, operatorActor);
  await api.request.post("/v1/auth/login").send({ email: owner.email, password }).expect(200);
  const { chat, session, client } = await newInbox(api, companyId, word);
  const post = (path: string, body: object) => api.request.post(path).set(owner.bearer).send(body);
  await post("/v1/webhooks", { url: `https://${word}.example.com/hook` }).expect(201);
  await post("/v1/consumers", { name: "erp" }).expect(200);
  await post("/v1/api-keys", { name: word, scopes: ["read"] }).expect(201);
  await post(`/v1/chats/${chat.id}/messages`, { body: `Oi ${word}` }).expect(202);
  const file = await api.media.put(Buffer.from(`file ${word}`), { companyId, mimeType: "text/plain", fileName: word });
  await api.media.put(Buffer.from(`without a row ${word}`), { companyId, mimeType: "text/plain", fileName: null });
  await api.database.withCompany(companyId, async (unit) => {
    await unit.uploads.add(file, owner.userId);
    // Rows that refer to rows of the same table.
    const { client: merged } = await unit.clientResolver.touchFromMessage({
      number: "5511900000001",
      name: word,
      contactAt: new Date(),
    });
    await unit.clients.find(merged.id);
  });
  await deadLetters.add({
    companyId,
    queue: "inbound-messages",
    jobName: "message",
    jobId: randomUUID(),
    reason: "test",
    payloadSummary: "",
    payload: word,
    attempts: 1,
    failedAt: new Date(),
  });
  await api.queue.add("message", { companyId, body: word }, { jobId: `message|${session.id}|x` });
  await api.queue.add("message", { companyId, body: word }, { jobId: `message|${session.id}|y`, delay: 60_000 });
  return { owner, companyId, client, chat };
}

async function rowsWith(ownerUrl: string, needles: string[]): Promise<string[]> {
  const db = new pg.Client({ connectionString: ownerUrl });
  await db.connect();
  try {
    const { rows } = await db.query(
      `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`,
    );
    const found = [];
    for (const { name } of rows)
      for (const needle of needles) {
        const hit = await db.query(`select 1 from "${name}" t where t::text ilike $1 limit 1`, [`%${needle}%`]);
        if (hit.rowCount) found.push(`${name}: ${needle}`);
      }
    return found;
  } finally {
    await db.end();
  }
}

async function redisWith(redis: Redis, needles: string[]): Promise<string[]> {
  const found = [];
  for (const key of await redis.keys("*")) {
    // The log of commands to gateways names companies for minutes; it holds no texts. BullMQ's event stream has job ids.
    if (key.startsWith(channels.control)) continue;
    const content = (await redis.dumpBuffer(key))?.toString("latin1") ?? "";
    for (const needle of needles) if (key.includes(needle) || content.includes(needle)) found.push(`${key}: ${needle}`);
  }
  return found;
}

async function filesWith(directory: string, needles: string[]): Promise<string[]> {
  const found = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? await readFile(path, "latin1") : "";
    for (const needle of needles) if (path.includes(needle) || content.includes(needle)) found.push(path);
  }
  return found;
}

function dependenciesOf(api: Api, changes: Partial<DeletionDependencies> = {}): DeletionDependencies {
  return {
    database: api.database,
    media: api.media,
    profiles: createFilesystemPrivateStore(api.mediaDirectory, { limitBytes: 1_000_000 }),
    redis: api.redis,
    queue: api.queue,
    profileWaitMs: 0,
    ...changes,
  };
}

async function claimDue(api: Api) {
  const claim = await api.database.system.companyDeletions.claim(60_000);
  if (!claim) throw new Error("no deletion is due");
  return claim;
}

const never = new AbortController().signal;

test("removes every row, key and file of a company, and nothing of another", async ({ api, database }) => {
  const { companyId } = await fillCompany(api);
  const other = await fillCompany(api);
  const dependencies = dependenciesOf(api);
  await dependencies.profiles.put(`profiles/${companyId}/${randomUUID()}/archive`, Buffer.from(word));
  // Published events are added to the event log some time after the publication.
  const otherRows = async () =>
    (await rowsWith(database.ownerUrl, [other.companyId])).filter((row) => !row.startsWith("event_log_")).length;
  const before = await otherRows();
  expect((await rowsWith(database.ownerUrl, [companyId])).length).toBeGreaterThan(15);
  expect((await redisWith(api.redis, [companyId])).length).toBeGreaterThan(3);
  expect(await filesWith(api.mediaDirectory, [companyId])).not.toEqual([]);

  await api.database.system.companyLifecycle.scheduleDeletion(companyId, 0, operatorActor);
  expect(await deleteCompany(dependencies, await claimDue(api), never)).toBe("finished");

  expect(await rowsWith(database.ownerUrl, [companyId])).toEqual([]);
  expect(await redisWith(api.redis, [companyId])).toEqual([]);
  expect(await filesWith(api.mediaDirectory, [companyId])).toEqual([]);
  expect(await api.database.system.companyLifecycle.find(companyId)).toBeUndefined();
  expect(await otherRows()).toBe(before);
  expect(await api.redis.exists(keys.log(channels.company(other.companyId)))).toBe(1);

  await api.database.system.companyLifecycle.scheduleDeletion(other.companyId, 0, operatorActor);
  await deleteCompany(dependencies, await claimDue(api), never);
  expect(await rowsWith(database.ownerUrl, [word])).toEqual([]);
  expect(await redisWith(api.redis, [word])).toEqual([]);
  expect(await filesWith(api.mediaDirectory, [word])).toEqual([]);
});

test("continues after a failure in any step, and shows how far it is", async ({ api, database }) => {
  const { companyId } = await fillCompany(api);
  const operator = await signInFirstOperator(api);
  const { companyLifecycle, companyDeletions } = api.database.system;
  await companyLifecycle.scheduleDeletion(companyId, 0, operatorActor);
  const { total } = { total: (await companyDeletions.steps()).length + 5 };

  // Ends the work before each step in turn, as a kill does: the claim stays until its lease ends.
  const seen = new Set<string>();
  for (let step = 1, outcome = ""; outcome !== "finished"; step++) {
    expect(step).toBeLessThan(total + 5);
    const claim = await claimDue(api);
    expect(await companyDeletions.claim(60_000), "a claimed deletion has one process").toBeUndefined();
    const killed = killedAfter(api, step);
    outcome = await deleteCompany(dependenciesOf(api, { database: killed }), claim, never).catch(() => "killed");
    if (outcome === "finished") break;
    const { body } = await api.request.get(`/v1/operator/companies/${companyId}`).set(operator.bearer).expect(200);
    expect(body).toMatchObject({ state: "deleting", deleting: { total } });
    seen.add(body.deleting.step);
    await companyDeletions.release(companyId);
  }
  expect([...seen]).toEqual(expect.arrayContaining(["sessions", "jobs", "files", "messages", "users"]));
  expect(await rowsWith(database.ownerUrl, [companyId, word])).toEqual([]);
});

/** The database, which fails at the `step`-th report of progress and at each later one. */
function killedAfter(api: Api, step: number): Api["database"] {
  const { companyDeletions } = api.database.system;
  const failing = Object.create(companyDeletions, {
    report: {
      value: async (...report: Parameters<typeof companyDeletions.report>) => {
        if (report[1].done >= step) throw new Error("killed");
        await companyDeletions.report(...report);
      },
    },
  });
  return Object.create(api.database, {
    system: { value: { ...api.database.system, companyDeletions: failing } },
  });
}

test("waits until connectors have stopped the sessions and wiped the profiles", async ({ api }) => {
  const { companyId } = await newUser(api);
  const { session } = await newInbox(api, companyId);
  await api.database.withCompany(companyId, ({ sessions }) => sessions.setDesiredState(session.id, "running"));
  const { leases, companyLifecycle, companyDeletions } = api.database.system;
  const [lease] = await leases.claim({ connectorId: "c1", limit: 1, holding: [] });
  if (!lease) throw new Error("the session was not claimed");
  await companyLifecycle.scheduleDeletion(companyId, 0, operatorActor);
  const dependencies = dependenciesOf(api, { profileWaitMs: 60_000 });
  const run = async () => deleteCompany(dependencies, await claimDue(api), never);

  expect(await run()).toBe("waiting");
  await leases.release("c1", lease);
  await companyDeletions.release(companyId);
  expect(await run()).toBe("waiting");
  await api.database.withCompany(companyId, async ({ profiles }) => {
    await profiles.forget({ sessionId: session.id, engine: "simulator", generation: lease.generation });
    await profiles.markWiped({ sessionId: session.id, generation: lease.generation });
  });
  await companyDeletions.release(companyId);
  expect(await run()).toBe("finished");
});

test("needs the typed name, waits seven days and can be cancelled until then", async ({ api }) => {
  const operator = await signInFirstOperator(api);
  const { companyId } = await newUser(api);
  const path = `/v1/operator/companies/${companyId}`;
  const request = (name: string) => api.request.post(`${path}/deletion`).set(operator.bearer).send({ name });
  await request("Padaria").expect(422);
  const { body } = await request("Padaria São João").expect(202);
  expect(body.state).toBe("deletion_scheduled");
  const days = (new Date(body.deletionDueAt).getTime() - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(6.9);
  expect(await api.database.system.companyDeletions.claim(1_000)).toBeUndefined();
  await api.request.post(`${path}/reopen`).set(operator.bearer).expect(409);
  await api.request.delete(`${path}/deletion`).set(operator.bearer).expect(200);
  await api.request.post(`${path}/reopen`).set(operator.bearer).expect(200);
  const { body: company } = await api.request.get(path).set(operator.bearer).expect(200);
  expect(company).toMatchObject({ state: "active", deletionDueAt: null });

  await api.database.system.companyLifecycle.scheduleDeletion(companyId, 0, operatorActor);
  await claimDue(api);
  await api.request.delete(`${path}/deletion`).set(operator.bearer).expect(409);
  await api.request.patch(path).set(operator.bearer).send({ name: "Nova" }).expect(409);
});

test("an owner may delete the company's data, other roles may not", async ({ api }) => {
  const owner = await newUser(api);
  const admin = await newUser(api, "admin", owner.companyId);
  const request = (bearer: { Authorization: string }) =>
    api.request.post("/v1/company/deletion").set(bearer).send({ name: "Padaria São João" });
  await request(admin.bearer).expect(403);
  const { body } = await request(owner.bearer).expect(202);
  expect(new Date(body.deletionDueAt).getTime()).toBeGreaterThan(Date.now());
  const company = await api.database.system.companyLifecycle.find(owner.companyId);
  expect(company?.state).toBe("deletion_scheduled");
});

test("rows of a company whose deletion has not begun cannot be deleted by the functions", async ({ api }) => {
  const { companyId } = await newUser(api);
  const { companyDeletions, companyLifecycle } = api.database.system;
  const [step] = await companyDeletions.steps();
  if (!step) throw new Error("there are no steps");
  const refused = /has not begun/;
  await expect(companyDeletions.run(companyId, step, 10)).rejects.toThrow(refused);
  await companyLifecycle.scheduleDeletion(companyId, 60_000, operatorActor);
  await expect(companyDeletions.run(companyId, step, 10)).rejects.toThrow(refused);
  await expect(companyDeletions.finish(companyId)).rejects.toThrow(refused);
});
