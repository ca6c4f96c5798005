import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { type CompanyUnit, isDatabaseUnavailable } from "../src/index.ts";
import { type Inbox, newMessage, openInbox, openKnex, test } from "./fixtures.ts";

const greatest = 2_147_483_647;

/** Sends an update of the chat that Postgres will refuse, and does not wait for it. */
async function overflowUnread(unit: CompanyUnit, { session, client, chat }: Inbox, message: { waKey: string }) {
  const keys = [{ sessionId: session.id, clientId: client.id, waChatId: chat.waChatId }];
  const known = await unit.chatRecorder.lockAll(keys);
  const stored = await unit.messages.insertOnce(
    newMessage({ session, client, chat, companyId: "", userId: "" }, message),
  );
  if (!stored) throw new Error("not stored");
  await unit.chatRecorder.recordAll(
    [{ message: stored }],
    [...known.values()].map((row) => ({ ...row, unread_count: greatest })),
  );
}

test("what fails with the commit takes the transaction along: the caller hears it, nobody else hears anything", async ({
  db,
  bus,
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

  const telling = db.withCompany(randomUUID(), async ({ emit }) => emit.clientUpdate(inbox.client));
  await expect(telling).rejects.toMatchObject({ code: "23503" });
  expect(bus.published).toEqual([]);
});

test("the caller hears what failed first, also when it asked on", async ({ db }) => {
  const inbox = await openInbox(db);
  const attempt = db.withCompany(inbox.companyId, async (unit) => {
    await overflowUnread(unit, inbox, { waKey: randomUUID() });
    await unit.clients.find(inbox.client.id);
  });
  await expect(attempt).rejects.toMatchObject({ code: "22003" });
});

test("every statement on a connection that is gone says so, and so does its transaction", async ({ database }) => {
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
