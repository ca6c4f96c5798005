import { type Knex, knex } from "knex";
import { expect, onTestFinished } from "vitest";
import { ChatRepository } from "../src/repositories/chats/chat-repository.ts";
import { ClientRepository } from "../src/repositories/clients/client-repository.ts";
import { MessageRepository } from "../src/repositories/messages/message-repository.ts";
import { PacingRepository } from "../src/repositories/pacing/pacing-repository.ts";
import { PreparedStatements } from "../src/sql/prepared-statements.ts";
import { Scope } from "../src/sql/query.ts";
import { DueRemovals } from "../src/system/due-removals.ts";
import { claimSession, newMessage, openInbox, openKnex, test, tuplesRead } from "./fixtures.ts";

interface Plan {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  Plans?: Plan[];
}
/** After five executions Postgres may switch to a generic plan. */
const executions = 7;

/** Tables that the test fills. Reading a small table as a whole is right, and depends on its statistics. */
const largeTables = ["clients", "chats", "chat_groups", "messages"];
const isScanOfLargeTable = (node: Plan) =>
  node["Node Type"] === "Seq Scan" && largeTables.includes(node["Relation Name"] ?? "");

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** Collects the plans that Postgres executes for the role of the services, including statements inside functions. */
async function explaining<T>(ownerUrl: string, fn: (db: Knex, plans: () => Plan[]) => Promise<T>): Promise<T> {
  let collected: Plan[] = [];
  const settings = [
    "load 'auto_explain'",
    ...["log_min_duration = 0", "log_nested_statements = on", "log_level = notice", "log_format = json"].map(
      (setting) => `set auto_explain.${setting}`,
    ),
    "set role syszap_app",
  ];
  const db = knex({
    client: "pg",
    connection: ownerUrl,
    pool: {
      min: 0,
      max: 1,
      afterCreate: (connection: { query: Query; on: Listen }, done: (error?: Error) => void) => {
        connection.on("notice", ({ message = "" }) => {
          const json = /^duration: .* plan:\s*(\{.*\})\s*$/s.exec(message)?.[1];
          if (json) collected.push(...nodesOf(JSON.parse(json).Plan));
        });
        connection.query(settings.join(";"), done);
      },
    },
  });
  try {
    return await fn(db, () => {
      const plans = collected;
      collected = [];
      return plans;
    });
  } finally {
    await db.destroy();
  }
}
type Query = (sql: string, done: (error?: Error) => void) => void;
type Listen = (event: "notice", listener: (notice: { message?: string }) => void) => void;

/** Creates one company with most of the rows, for which Postgres may prefer to read whole tables, and four small ones. */
async function fillMore(owner: Knex, inbox: { companyId: string; session: { id: string } }): Promise<void> {
  await owner.transaction(async (trx) => {
    await trx.raw("set local session_replication_role = replica"); // disables foreign keys, so that sessions need not exist
    await trx.raw(
      `create temp table filled on commit drop as
       select c.id as company_id, n, gen_random_uuid() as client_id, gen_random_uuid() as chat_id
       from (select ?::uuid as id, 8000 as size union all select gen_random_uuid(), 500 from generate_series(1, 4)) c,
         generate_series(1, c.size) n`,
      [inbox.companyId],
    );
    await trx.raw(
      `insert into clients (company_id, id, whatsapp_number, name, registered_at, last_contact_at)
       select company_id, client_id, (5511900000000 + n * 7919)::text, md5(n::text), now(), now() - n * interval '1 minute'
       from filled order by random()`,
    );
    await trx.raw(
      `insert into chats (company_id, id, session_id, wa_chat_id, client_id, last_message_order)
       select company_id, chat_id, ?, n::text, client_id, lpad(n::text, 15, '0') || '-0000000001-000000000005'
       from filled order by random()`,
      [inbox.session.id],
    );
    await trx.raw(
      `with added as (
         insert into chats (company_id, session_id, wa_chat_id) select company_id, ?, n || '@g.us' from filled returning *
       )
       insert into chat_groups (company_id, chat_id, session_id, subject)
       select company_id, id, session_id, 'Equipe ' || lpad(split_part(wa_chat_id, '@', 1), 6, '0') from added`,
      [inbox.session.id],
    );
    await trx.raw(
      `insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, source_order, occurred_at)
       select company_id, ?, chat_id, 0, chat_id || '-' || m, 0, 'bom dia',
         lpad(n::text, 15, '0') || '-0000000001-' || lpad(m::text, 12, '0'), now()
       from filled, generate_series(1, 5) m order by random()`,
      [inbox.session.id],
    );
  });
  await owner.raw("vacuum analyze clients, chats, chat_groups, messages");
}

test("pages, lists and searches use an index, also with generic plans", { timeout: 60_000 }, async ({
  database,
  db,
  owner,
}) => {
  const inbox = await openInbox(db);
  await fillMore(owner, inbox);
  await explaining(database.ownerUrl, async (app, plans) => {
    const run = async <T>(fn: (unit: ReturnType<typeof unitOf>) => Promise<T>) => {
      let result: T | undefined;
      for (let time = 0; time < executions; time++) {
        result = await app.transaction(async (trx) => {
          await trx.raw("select set_config('app.company_id', ?, true)", [inbox.companyId]);
          plans();
          return fn(unitOf(new Scope(trx, inbox.companyId, await PreparedStatements.of(trx, inbox.companyId))));
        });
      }
      const nodes = plans();
      const scanned = nodes.filter(isScanOfLargeTable).map((node) => node["Relation Name"]);
      return { result: result as T, scanned, indexes: nodes.flatMap((node) => node["Index Name"] ?? []) };
    };

    const chats = await run((unit) => unit.chats.list({ limit: 50 }));
    expect(chats).toMatchObject({ scanned: [], result: { items: { length: 50 } } });
    expect(chats.indexes).toContain("chats_newest_first");
    const before = chats.result.next ?? "";
    expect(await run((unit) => unit.chats.list({ limit: 50, before }))).toMatchObject({ scanned: [] });

    const clients = await run((unit) => unit.clients.list({ limit: 50 }));
    expect(clients).toMatchObject({ scanned: [], result: { items: { length: 50 } } });
    expect(clients.indexes).toContain("clients_last_contact");
    const deeper = clients.result.next ?? "";
    expect(await run((unit) => unit.clients.list({ limit: 50, before: deeper }))).toMatchObject({ scanned: [] });

    const chatId = chats.result.items[0]?.id ?? "";
    const messages = await run((unit) => unit.messages.listBefore(chatId, { limit: 3 }));
    expect(messages).toMatchObject({ scanned: [], result: { items: { length: 3 } } });
    expect(messages.indexes).toContain("messages_newest_first");
    const older = messages.result.next ?? "";
    expect(await run((unit) => unit.messages.listBefore(chatId, { limit: 3, before: older }))).toMatchObject({
      scanned: [],
    });

    const [middle] = messages.result.items;
    for (const position of [{ after: middle?.id }, { around: middle?.id }, { at: middle?.timestamp }]) {
      const page = await run((unit) => unit.messages.list(chatId, { limit: 3, ...position }));
      expect(page).toMatchObject({ scanned: [] });
      expect(page.indexes).toContain("messages_newest_first");
    }

    // Short searches match many rows, so Postgres reads the lists in order. That plan is wrong for the searches below.
    for (const search of ["a", "5511"]) {
      expect((await run((unit) => unit.clients.list({ limit: 50 }, search))).result.items).toHaveLength(50);
      expect((await run((unit) => unit.chats.list({ limit: 50, search }))).result.items).toHaveLength(50);
    }
    const [known] = chats.result.items;
    for (const search of [known?.client?.name, known?.client?.whatsappNumber ?? "", "abcdef", "+55 (11) 00000-0000"]) {
      const found = await run((unit) => unit.clients.list({ limit: 50 }, search));
      expect(found, `clients: ${search}`).toMatchObject({ scanned: [] });
      expect(found.indexes).toContain("clients_search");
      const chatsFound = await run((unit) => unit.chats.list({ limit: 50, search }));
      expect(chatsFound, `chats: ${search}`).toMatchObject({ scanned: [] });
      expect(chatsFound.indexes).toContain("clients_search");
      expect(chatsFound.result.items.length).toBe(found.result.items.length);
    }
    const group = await run((unit) => unit.chats.list({ limit: 50, search: "equipe 001234" }));
    expect(group).toMatchObject({
      scanned: [],
      result: { items: [{ client: null, group: { subject: "Equipe 001234" } }] },
    });
    expect(group.indexes).toContain("chat_groups_search");
  });
});

const unitOf = (scope: Scope) => ({
  chats: new ChatRepository(scope),
  clients: new ClientRepository(scope),
  messages: new MessageRepository(scope),
});

const rowsOutside = 3_000;
const rowsInside = 20;

test("the pacing of a session reads only the sends within its windows", async ({ db, owner, database }) => {
  const inbox = await openInbox(db);
  const lease = { sessionId: inbox.session.id, generation: await claimSession(db, inbox) };
  const limits = { perHour: 100, coldPerDay: 100 };
  await db.withCompany(inbox.companyId, ({ pacing }) => pacing.checkRoom(lease, limits));
  const send = async (count: number, ageMinutes: number) =>
    owner.raw(
      `insert into session_sends (company_id, session_id, message_id, chat_id, is_cold, sent_at)
       select :companyId, :sessionId, gen_random_uuid(), :chatId, false, now() - make_interval(mins => :ageMinutes)
       from generate_series(1, :count::int)`,
      { companyId: inbox.companyId, sessionId: lease.sessionId, chatId: inbox.chat.id, count, ageMinutes },
    );
  await send(rowsOutside, 180);
  await send(rowsInside, 10);
  await owner.raw("analyze session_sends");
  const app = openKnex(database.appUrl);
  onTestFinished(() => app.destroy());

  const tuplesOf = (work: (pacing: PacingRepository) => Promise<unknown>) =>
    app.transaction(async (trx) => {
      await trx.raw("select set_config('app.company_id', ?, true)", [inbox.companyId]);
      const prepared = await PreparedStatements.of(trx, inbox.companyId);
      const before = await tuplesRead(trx, "session_sends");
      await work(new PacingRepository(new Scope(trx, inbox.companyId, prepared)));
      return (await tuplesRead(trx, "session_sends")) - before;
    });
  const room = { remaining: limits.perHour - rowsInside, mayBegin: true, mayBeginCold: true };
  expect(
    await tuplesOf(async (pacing) => expect(await pacing.checkRoom(lease, limits)).toMatchObject(room)),
  ).toBeLessThan(5 * rowsInside);
  const used = { hourly: { used: rowsInside } };
  expect(await tuplesOf(async (pacing) => expect(await pacing.read(lease.sessionId)).toMatchObject(used))).toBeLessThan(
    5 * rowsInside,
  );
});

test("the search for expired messages does not read those that expire later", async ({ db, owner, database }) => {
  const inbox = await openInbox(db);
  const message = await db.withCompany(inbox.companyId, ({ messages }) => messages.insertOnce(newMessage(inbox)));
  if (!message) throw new Error("the message was not stored");
  await owner.raw(
    `insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, source_order, occurred_at, expires_at)
     select company_id, session_id, chat_id, direction, wa_key || n, type, body, source_order || n, occurred_at,
       now() + interval '1 day' from messages, generate_series(1, :count::int) n where id = :id`,
    { id: message.id, count: rowsOutside },
  );
  await owner.raw("update messages set expires_at = now() where id = ?", [message.id]);
  await owner.raw("analyze messages");
  const system = openKnex(database.systemUrl);
  onTestFinished(() => system.destroy());
  await system.transaction(async (trx) => {
    const before = await tuplesRead(trx, "messages");
    expect(await new DueRemovals(trx).listExpired()).toEqual([{ companyId: inbox.companyId, messageId: message.id }]);
    expect((await tuplesRead(trx, "messages")) - before).toBeLessThan(rowsInside);
  });
});
