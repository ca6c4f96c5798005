import { randomUUID } from "node:crypto";
import type { Audience, DurableEvent } from "@syszap/contracts";
import type { Knex } from "knex";
import { expect, onTestFinished } from "vitest";
import { connectDatabase, type Database, type EventPosition } from "../src/index.ts";
import { logPublished } from "../src/outbox.ts";
import { type Inbox, openInbox, openKnex, test } from "./fixtures.ts";

/** Publishes with positions that the test chooses. `undefined` makes the publication fail. */
type Positions = (events: DurableEvent[]) => EventPosition[] | undefined;

interface Emitter {
  db: Database;
  /** Emits one event in a separate transaction and returns its id. */
  emit: (position: EventPosition | undefined) => Promise<string>;
}

/** Another process: it has its own connections and marks its own publications. */
function openProcess(urls: { appUrl: string; systemUrl: string }, inbox: Inbox): Emitter {
  let next: Positions = () => undefined;
  let version = 0;
  const db = connectDatabase({
    ...urls,
    maxConnections: 2,
    publish: async (_companyId, events) => {
      const positions = next(events);
      if (!positions) throw new Error("Redis is unavailable");
      return positions;
    },
  });
  onTestFinished(() => db.close().catch(() => undefined));
  const emit = async (position: EventPosition | undefined) => {
    const id = randomUUID();
    next = () => position && [position];
    await db.withCompany(inbox.companyId, async (unit) => {
      unit.emit.clientUpdate({ ...inbox.client, id, version: ++version });
    });
    return id;
  };
  return { db, emit };
}

const at = (seq: number, epoch = 1): EventPosition => ({ epoch, seq });
/** Ids of the clients in the log, in order. The positions must have no gap. */
async function logged(owner: Knex, companyId: string): Promise<string[]> {
  const rows = await owner("event_log").where({ company_id: companyId }).orderBy("position");
  expect(rows.map(({ position }) => Number(position))).toEqual(rows.map((_, index) => index + 1));
  return rows.map(({ body }) => JSON.parse(`{${body}`).data.Id);
}
const rowOf = (row: { company_id: string; id: string; events: DurableEvent[] }) => ({
  companyId: row.company_id,
  id: row.id,
  events: row.events,
});
const markAll = (...processes: Emitter[]) => Promise.all(processes.map(({ db }) => db.close()));
const noPause = { olderThanMs: 0 };

test("logs events in the order of their positions, although later ones are marked first", async ({
  db,
  owner,
  database,
}) => {
  const inbox = await openInbox(db);
  const process = openProcess(database, inbox);
  const ids = [await process.emit(undefined), await process.emit(undefined), await process.emit(undefined)];
  const rows = await owner("outbox").where({ company_id: inbox.companyId }).orderBy("created_at");
  const system = openKnex(database.systemUrl);
  onTestFinished(() => system.destroy());
  const mark = (index: number) => logPublished(system, [{ ...rowOf(rows[index]), positions: [at(index + 1)] }]);
  await mark(2);
  await mark(1);
  expect(await logged(owner, inbox.companyId)).toEqual([]);
  await mark(0);
  expect(await logged(owner, inbox.companyId)).toEqual(ids);
  expect(await owner("event_log_waiting").where({ company_id: inbox.companyId })).toEqual([]);
});

test("logs events of every reach for consumers, and skips those about the reach of one user", async ({
  db,
  owner,
  database,
}) => {
  const inbox = await openInbox(db);
  const lists = { teams: [randomUUID()], users: [] };
  const audiences: Audience[] = [
    { kind: "reach", ...lists },
    { kind: "reach", ...lists, except: { teams: [], users: [] } },
    { kind: "user", userId: randomUUID() },
    { kind: "company" },
  ];
  const events = audiences.map((audience, index) => {
    const data = { Id: `event ${index}` };
    return { type: "client_update", id: randomUUID(), version: 1, audience, data };
  });
  const row = { company_id: inbox.companyId, id: randomUUID(), events: events as unknown as DurableEvent[] };
  await owner("outbox").insert({ ...row, events: JSON.stringify(events) });
  const system = openKnex(database.systemUrl);
  onTestFinished(() => system.destroy());
  await logPublished(system, [{ ...rowOf(row), positions: [at(1), at(2), at(3), at(4)] }]);
  expect(await logged(owner, inbox.companyId)).toEqual(["event 0", "event 3"]);
});

test("logs what the events contain, also of rows that an earlier release stored", async ({ db, owner, database }) => {
  const inbox = await openInbox(db);
  const process = openProcess(database, inbox);
  await process.emit(undefined);
  await process.emit(undefined);
  const [stored, earlier] = await owner("outbox").where({ company_id: inbox.companyId }).orderBy("created_at");
  const { type, id, version, audience, data } = earlier.events[0];
  const events = JSON.stringify([{ type, id, version, audience, data: { ...data, Name: 'José \\ "Zé" 👋' } }]);
  await owner("outbox").where({ id: earlier.id }).update({ events });
  const system = openKnex(database.systemUrl);
  onTestFinished(() => system.destroy());
  await logPublished(system, [
    { ...rowOf(stored), positions: [at(1)] },
    { ...rowOf({ ...earlier, events: JSON.parse(events) }), positions: [at(2)] },
  ]);
  const bodies = (await owner("event_log").orderBy("position")).map(({ body, size }) => {
    expect(size).toBe(Buffer.byteLength(body));
    return JSON.parse(`{${body}`);
  });
  expect(bodies).toEqual(
    [stored.events[0], JSON.parse(events)[0]].map(({ audience: _, ...received }: DurableEvent) => received),
  );
});

test("marks the rows of many companies in one call, and appends each company's events to its own log", async ({
  db,
  owner,
  database,
}) => {
  const inboxes = [await openInbox(db), await openInbox(db), await openInbox(db)];
  const ids = new Map<string, string[]>();
  for (const inbox of inboxes) {
    const process = openProcess(database, inbox);
    ids.set(inbox.companyId, [await process.emit(undefined), await process.emit(undefined)]);
  }
  const system = openKnex(database.systemUrl);
  onTestFinished(() => system.destroy());
  let calls = 0;
  system.on("query", () => {
    calls += 1;
  });
  const rows = await owner("outbox").orderBy("created_at");
  // Each company has two rows, one after the other.
  await logPublished(
    system,
    rows.map((row, index) => ({ ...rowOf(row), positions: [at((index % 2) + 1)] })),
  );
  expect(calls).toBe(1);
  for (const { companyId } of inboxes) expect(await logged(owner, companyId)).toEqual(ids.get(companyId));
});

test("waits for an event whose process was killed before it marked it", async ({ db, owner, database, publisher }) => {
  const inbox = await openInbox(db);
  const [killed, other] = [openProcess(database, inbox), openProcess(database, inbox)];
  // Published at seq 1, but its process dies before it learns of it: the row stays unmarked.
  const lost = await killed.emit(undefined);
  const next = await other.emit(at(2));
  await markAll(other);
  await db.system.eventLog.logWaiting();
  expect(await logged(owner, inbox.companyId)).toEqual([]);
  expect(await db.system.outbox.sweep(noPause)).toEqual({ published: 1, failed: 0 });
  expect(publisher.published).toHaveLength(1);
  expect(await logged(owner, inbox.companyId)).toEqual([lost, next]);
});

test("continues after a position that no row of the outbox has", async ({ db, owner, database }) => {
  const inbox = await openInbox(db);
  const process = openProcess(database, inbox);
  const ids = [await process.emit(at(5)), await process.emit(at(6)), await process.emit(at(9))];
  await markAll(process);
  expect(await logged(owner, inbox.companyId)).toEqual(ids);
});

test("keeps the order when Redis starts a new log or has lost its newest events", async ({ db, owner, database }) => {
  const inbox = await openInbox(db);
  const [first, second, third] = [0, 1, 2].map(() => openProcess(database, inbox)) as [Emitter, Emitter, Emitter];
  const old = [await first.emit(at(1)), await first.emit(at(2)), await first.emit(at(3))];
  await markAll(first);
  // A failover lost position 3, so Redis assigns it again.
  const again = [await second.emit(at(3)), await second.emit(at(4))];
  await markAll(second);
  const anew = [await third.emit(at(1, 2)), await third.emit(at(2, 2))];
  await markAll(third);
  expect(await logged(owner, inbox.companyId)).toEqual([...old, ...again, ...anew]);
  const head = await owner("event_log_heads").where({ company_id: inbox.companyId }).first();
  expect([head.position, head.epoch, head.seq]).toEqual(["7", "2", "2"]);
});

test("logs an event once that two transactions emitted", async ({ db, owner, database }) => {
  const inbox = await openInbox(db);
  const event = { id: randomUUID(), version: 1 };
  const connection = connectDatabase({ ...database, maxConnections: 2, publish: async () => [at(1)] });
  for (let times = 0; times < 2; times++)
    await connection.withCompany(inbox.companyId, async (unit) =>
      unit.emit.clientUpdate({ ...inbox.client, ...event }),
    );
  await connection.close();
  expect(await logged(owner, inbox.companyId)).toEqual([event.id]);
});

test("many processes that mark at the same time leave one log without gaps", { timeout: 60_000 }, async ({
  db,
  owner,
  database,
}) => {
  const inbox = await openInbox(db);
  let seq = 0;
  const order: string[] = [];
  const processes = [0, 1, 2, 3].map(() =>
    connectDatabase({
      ...database,
      maxConnections: 3,
      publish: async (_companyId, events) =>
        events.map(({ data }) => {
          order.push("Id" in data ? data.Id : "");
          return at(++seq);
        }),
    }),
  );
  let version = 0;
  const run = async (process: Database) => {
    for (let n = 0; n < 60; n++) {
      const id = randomUUID();
      await process.withCompany(inbox.companyId, async (unit) =>
        unit.emit.clientUpdate({ ...inbox.client, id, version: ++version }),
      );
    }
  };
  await Promise.all([...processes, ...processes].map(run));
  await Promise.all(processes.map((process) => process.close()));
  await db.system.eventLog.logWaiting();
  expect(order).toHaveLength(480);
  expect(await logged(owner, inbox.companyId)).toEqual(order);
});

test("creates the partitions of the next days, and drops days that are too old", async ({ db, owner, database }) => {
  const inbox = await openInbox(db);
  const process = openProcess(database, inbox);
  await process.emit(at(1));
  await markAll(process);
  const partitions = async () => {
    const { rows } = await owner.raw(
      "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'event_log'::regclass order by 1",
    );
    return rows.map(({ name }: { name: string }) => name);
  };
  const before = await partitions();
  expect(before).toHaveLength(8);
  expect(await db.system.eventLog.maintain(7)).toBe(0);
  await owner.raw(`create table event_log_20200101 (like event_log including all);
    alter table event_log attach partition event_log_20200101 for values from ('2020-01-01Z') to ('2020-01-02Z')`);
  expect(await db.system.eventLog.maintain(7)).toBe(1);
  expect(await partitions()).toEqual(before);
  await expect(db.system.eventLog.maintain(0)).rejects.toThrow(/at least one day/);
  const app = openKnex(database.appUrl);
  onTestFinished(() => app.destroy());
  await expect(app.raw("select trim_event_log(1)")).rejects.toMatchObject({ code: "42501" });
  await expect(app.raw("select * from ??", [before[0]])).rejects.toMatchObject({ code: "42501" });
});

test("a missing partition is created when an event needs it", async ({ db, owner, database }) => {
  const inbox = await openInbox(db);
  const { rows } = await owner.raw(
    "select relname from pg_inherits join pg_class on oid = inhrelid where inhparent = 'event_log'::regclass",
  );
  for (const { relname } of rows) await owner.raw("drop table ??", [relname]);
  const process = openProcess(database, inbox);
  const id = await process.emit(at(1));
  await markAll(process);
  expect(await logged(owner, inbox.companyId)).toEqual([id]);
});
