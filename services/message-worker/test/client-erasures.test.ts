import type { MessageJob } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { createLogger } from "@syszap/platform";
import type { DatabaseUrls } from "@syszap/testing";
import { expect } from "vitest";
import { processMessages } from "../src/processors/message.ts";
import { processFacts } from "../src/processors/pending.ts";
import { ClientErasures } from "../src/retention/client-erasures.ts";
import { asOwner, type Company, messageJob, test } from "./fixtures.ts";

const log = createLogger({ service: "test", level: "silent" });
const word = "Xilofone";
const number = "5511912345678";
const lid = "88123456789012";
/** Copies of published events, which expire by themselves (decision 091). */
const expiring = /^(outbox|event_log|push_|webhook_deliveries)/;

const jobsOf = (company: Company, digit: string): MessageJob[] => {
  const client = { number, lid, name: `${word} da Silva` };
  const photo = {
    storageKey: `${company.companyId}/${digit}${digit}/${digit.repeat(64)}`,
    mimeType: "image/png",
    fileName: `${word}.png`,
    size: 3,
    sha256: digit.repeat(64),
  };
  return [
    messageJob(company, { client, body: `${word} 1` }),
    messageJob(company, { client, body: `${word} 2`, kind: "image", media: photo }),
    messageJob(company, { client, body: `${word} 3`, direction: 1, status: "sent" }),
  ];
};

/** Every table that contains one of the words, without copies that expire. */
async function tablesWith(database: DatabaseUrls, words: string[]): Promise<string[]> {
  const tables = await asOwner(
    database,
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
  );
  const found: string[] = [];
  for (const { name } of tables) {
    if (expiring.test(name)) continue;
    const rows = await asOwner(database, `select 1 from "${name}" t where t::text ilike any ($1) limit 1`, [
      words.map((each) => `%${each}%`),
    ]);
    if (rows.length > 0) found.push(name);
  }
  return found;
}

const clientOf = async (db: Database, { companyId }: Company) => {
  const page = await db.withCompany(companyId, ({ clients }) => clients.list({ limit: 10 }));
  return page.items.find(({ name }) => name.includes(word));
};

test("erases every trace of a client, and nothing of others", async ({ environment, database }) => {
  const { db } = environment;
  const [acme, other] = [await environment.openCompany(), await environment.openCompany()];
  await processMessages(db, acme.companyId, jobsOf(acme, "a"));
  await processMessages(db, acme.companyId, [messageJob(acme, { body: "de outra pessoa" })]);
  const client = await clientOf(db, acme);
  const id = client?.id ?? "";
  // An old account of the same person, merged by hand, a late receipt, an unreadable payload and a picture check.
  const old = { number: "5521977776666", name: `${word} antiga` };
  await processMessages(db, acme.companyId, [messageJob(acme, { client: old, body: word })]);
  const clients = await db.withCompany(acme.companyId, ({ clients }) => clients.list({ limit: 10 }));
  const merged = clients.items.find(({ whatsappNumber }) => whatsappNumber === old.number)?.id ?? "";
  await db.withCompany(acme.companyId, async ({ clientMerges, unknownPayloads, pictureChecks }) => {
    await clientMerges.merge(id, merged);
    const payload = JSON.stringify({ from: `${number}@c.us` });
    await unknownPayloads.keep({ sessionId: acme.sessionId, kind: "message", shape: "x", waKey: null, payload });
    await pictureChecks.record(number, new Date());
  });
  const late = { ...messageJob(acme), waChatId: `${number}@c.us`, emoji: "👍", from: "client" as const };
  await processFacts(db, "reaction", acme.companyId, [{ ...late, waKey: "LATE" }]);
  const words = [word, number, lid, old.number];
  expect(await tablesWith(database, words)).toEqual(
    expect.arrayContaining(["chats", "client_evidence", "client_identities", "clients", "media", "messages"]),
  );
  expect(await tablesWith(database, words)).toEqual(
    expect.arrayContaining(["client_merges", "pending_facts", "profile_picture_checks", "unknown_payloads"]),
  );

  await db.withCompany(acme.companyId, ({ clientErasures }) => clientErasures.begin(id));
  expect(await clientOf(db, acme), "the client is gone at once").toBeUndefined();
  await new ClientErasures({ db, log, batch: 2 }).run();

  expect(await tablesWith(database, words)).toEqual([]);
  const removals = await asOwner(database, "select storage_key from media_removals");
  expect(removals).toEqual([{ storage_key: `${acme.companyId}/aa/${"a".repeat(64)}` }]);
  expect(await asOwner(database, "select body from messages")).toEqual([{ body: "de outra pessoa" }]);
  expect(await asOwner(database, "select from client_erasures")).toEqual([]);
  const audit = await asOwner(database, "select target_id, after from audit_log where action = 'client_erased'");
  expect(audit).toEqual([{ target_id: id, after: { messages: 4 } }]);
  expect(other.companyId).not.toBe(acme.companyId);
});

test("another company keeps its client with the same number, and who writes again is a new client", async ({
  environment,
  database,
}) => {
  const { db } = environment;
  const [acme, other] = [await environment.openCompany(), await environment.openCompany()];
  for (const [company, digit] of [
    [acme, "a"],
    [other, "b"],
  ] as const)
    await processMessages(db, company.companyId, jobsOf(company, digit));
  const before = await clientOf(db, acme);
  await db.withCompany(acme.companyId, ({ clientErasures }) => clientErasures.begin(before?.id ?? ""));
  // The person writes again before the erasure is finished.
  await processMessages(db, acme.companyId, [
    messageJob(acme, { client: { number, lid, name: word }, body: "Voltei" }),
  ]);
  await new ClientErasures({ db, log }).run();
  const again = await clientOf(db, acme);
  expect(again?.id).not.toBe(before?.id);
  const bodies = await asOwner(database, "select body from messages where company_id = $1", [acme.companyId]);
  expect(bodies).toEqual([{ body: "Voltei" }]);
  expect(await clientOf(db, other)).toBeDefined();
  expect(await asOwner(database, "select from messages where company_id = $1", [other.companyId])).toHaveLength(3);
});

test("continues after a kill, and nothing of a client without a request can be deleted", async ({
  environment,
  database,
}) => {
  const { db } = environment;
  const acme = await environment.openCompany();
  await processMessages(db, acme.companyId, jobsOf(acme, "a"));
  const client = await clientOf(db, acme);
  const id = client?.id ?? "";
  for (const table of ["messages", "chats", "clients"])
    await asOwner(
      database,
      `set role syszap_app; select set_config('app.company_id', '${acme.companyId}', false); delete from ${table};`,
    );
  expect(await asOwner(database, "select from messages")).toHaveLength(3);
  expect(await db.withCompany(acme.companyId, ({ clientErasures }) => clientErasures.begin(id))).toBe(true);
  expect(await db.withCompany(acme.companyId, ({ clientErasures }) => clientErasures.begin(id))).toBe(false);
  expect((await db.system.retentions.claimErasure(60_000))?.clientId).toBe(id);
  await db.withCompany(acme.companyId, ({ clientErasures }) => clientErasures.removeMessages(id, 1));
  const erasures = new ClientErasures({ db, log });
  await erasures.run();
  expect(await asOwner(database, "select from messages"), "another process has the lease").toHaveLength(2);
  await asOwner(database, "update client_erasures set leased_until = now()");
  await erasures.run();
  expect(await asOwner(database, "select from messages")).toHaveLength(0);
  expect(await asOwner(database, "select from clients")).toHaveLength(0);
  const [entry] = await asOwner(database, "select after from audit_log where action = 'client_erased'");
  expect(entry.after).toEqual({ messages: 3 });
});
