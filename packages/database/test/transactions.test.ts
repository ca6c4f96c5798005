import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { type CompanyUnit, isDatabaseUnavailable } from "../src/index.ts";
import { type Inbox, newMessage, openInbox, openKnex, test } from "./fixtures.ts";

const maxInteger = 2_147_483_647;

/** Sends an update of the chat that Postgres will reject, without waiting for the result. */
async function overflowUnread(unit: CompanyUnit, { session, client, chat }: Inbox, message: { waKey: string }) {
  const keys = [{ sessionId: session.id, clientId: client.id, waChatId: chat.waChatId }];
  const known = await unit.chatRecorder.lockAll(keys);
  const stored = await unit.messages.insertOnce(
    newMessage({ session, client, chat, companyId: "", userId: "" }, message),
  );
  if (!stored) throw new Error("not stored");
  await unit.chatRecorder.recordAll(
    [{ message: stored }],
    [...known.values()].map((row) => ({ ...row, unread_count: maxInteger })),
  );
}

test("a statement that fails at the commit rolls back, rejects the call and publishes nothing", async ({
  db,
  publisher,
  owner,
}) => {
  const inbox = await openInbox(db);
  const waKey = randomUUID();
  await expect(db.withCompany(inbox.companyId, (unit) => overflowUnread(unit, inbox, { waKey }))).rejects.toMatchObject(
    {
      code: "22003",
    },
  );
  expect(await owner("messages").where({ wa_key: waKey })).toEqual([]);

  const emitting = db.withCompany(randomUUID(), async ({ emit }) => emit.clientUpdate(inbox.client));
  await expect(emitting).rejects.toMatchObject({ code: "23503" });
  expect(publisher.published).toEqual([]);
});

test("rejects with the first failure, also when later statements fail because of it", async ({ db }) => {
  const inbox = await openInbox(db);
  const attempt = db.withCompany(inbox.companyId, async (unit) => {
    await overflowUnread(unit, inbox, { waKey: randomUUID() });
    await unit.clients.find(inbox.client.id);
  });
  await expect(attempt).rejects.toMatchObject({ code: "22003" });
});

test("reports every statement on a lost connection, and its transaction, as unavailable", async ({ database }) => {
  const app = openKnex(database.appUrl);
  const failures: unknown[] = [];
  const attempt = app.transaction(async (trx) => {
    for (const sql of ["select pg_terminate_backend(pg_backend_pid())", "select 1", "select 2"])
      await trx.raw(sql).catch((error: unknown) => failures.push(error));
    throw new Error("ended");
  });
  await attempt.catch((error: unknown) => failures.push(error));
  expect(failures).toHaveLength(4);
  for (const failure of failures) expect(isDatabaseUnavailable(failure), String(failure)).toBe(true);
  await app.destroy();
});
