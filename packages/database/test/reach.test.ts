import { randomUUID } from "node:crypto";
import { type Audience, isInAudience, type Role, seesWholeCompany } from "@syszap/contracts";
import type { Knex } from "knex";
import { expect } from "vitest";
import type { Database } from "../src/index.ts";
import { type Inbox, newMessage, newNumber, openChat, openInbox, test } from "./fixtures.ts";

const newUser = async (db: Database, companyId: string, role: Role): Promise<string> => {
  const email = `${randomUUID()}@example.com`;
  return (await db.system.logins.createUser({ companyId, email, name: "Bia", role, passwordHash: "none" })).userId;
};
const newTeam = (db: Database, companyId: string, members: string[], sessions: string[]): Promise<string> =>
  db.withReachChange(companyId, async ({ teams }) => {
    const team = await teams.create(randomUUID(), 100);
    if (typeof team === "string") throw new Error(team);
    await teams.setMembers(team.id, members);
    for (const session of sessions) await teams.setOfSession(session, [...(await teams.ofSession(session)), team.id]);
    return team.id;
  });

/** Opens a transaction as `withPerson` does, then runs SQL that no repository has limited. */
function unlimited<Row>(db: Database, person: { companyId: string; userId: string }, sql: string): Promise<Row[]> {
  return db.withPerson(person, async (unit) => {
    const { db: trx } = (unit.chats as unknown as { scope: { db: Knex } }).scope;
    return (await trx.raw(sql)).rows;
  });
}

test("row security hides chats, messages, groups and files outside the reach from a statement without conditions", async ({
  db,
}) => {
  const inbox = await openInbox(db);
  const { companyId, session, userId } = inbox;
  const [ana, bia] = [await newUser(db, companyId, "agent"), await newUser(db, companyId, "agent")];
  await newTeam(db, companyId, [ana], [session.id]);
  await db.withCompany(companyId, async (unit) => {
    const file = { storageKey: "k", mimeType: "image/png", fileName: null, size: 1, sha256: "0".repeat(64) };
    await unit.messages.insertOnce(newMessage(inbox, { mediaId: await unit.media.add(file) }));
    await unit.groups.apply({
      ...{ sessionId: session.id, waChatId: "120363000000000001@g.us", subject: "Equipe", at: new Date() },
      pictureMediaId: await unit.media.add({ ...file, storageKey: "g" }),
      participants: [{ number: "5511977776666", name: "Bia", role: "admin" }],
    });
  });
  const counts = async (user: string) => {
    const rows = ["chats", "messages", "media", "chat_groups", "group_participants"].map((table) =>
      unlimited<{ count: number }>(db, { companyId, userId: user }, `select count(*)::int as count from ${table}`),
    );
    return (await Promise.all(rows)).map(([row]) => row?.count);
  };
  expect(await counts(ana)).toEqual([2, 1, 2, 1, 1]);
  expect(await counts(userId)).toEqual([2, 1, 2, 1, 1]);
  expect(await counts(bia)).toEqual([0, 0, 0, 0, 0]);
  expect(await counts(randomUUID())).toEqual([0, 0, 0, 0, 0]);
  const changed = "update messages set body = 'x' returning id";
  expect(await unlimited(db, { companyId, userId: bia }, changed)).toEqual([]);
  expect(await unlimited(db, { companyId, userId: ana }, changed)).toHaveLength(1);
});

test("an agent's event about a client reaches all who see one of its chats", async ({ db, publisher }) => {
  const inbox = await openInbox(db);
  const { companyId, client, session } = inbox;
  const ana = await newUser(db, companyId, "agent");
  const other = await db.withCompany(companyId, async (unit) => {
    const session = await unit.sessions.create({ name: "Suporte", engine: "simulator" });
    await unit.chatRecorder.upsert({ sessionId: session.id, waChatId: "x", clientId: client.id });
    return session;
  });
  const [teamA, teamB] = [
    await newTeam(db, companyId, [ana], [session.id]),
    await newTeam(db, companyId, [], [other.id]),
  ];
  await db.withPerson({ companyId, userId: ana }, async ({ emit }) => {
    emit.clientUpdate(client);
    emit.chatUpdate(inbox.chat);
    emit.sessionStatus(session);
  });
  expect(publisher.published.map(({ event }) => event.audience)).toEqual([
    { kind: "reach", teams: [teamA, teamB].sort(), users: [] },
    { kind: "reach", teams: [teamA], users: [] },
    { kind: "company" },
  ]);
});

test("a change of reach waits for transactions with events, and later ones have the new audience", async ({
  db,
  owner,
  publisher,
}) => {
  const inbox = await openInbox(db);
  const { companyId, session } = inbox;
  const order: string[] = [];
  const isWaiting = async () =>
    (await owner.raw("select from pg_locks where locktype = 'advisory' and not granted")).rowCount > 0;
  let change: Promise<unknown> | undefined;
  await db.withCompany(companyId, async ({ chats, emit }) => {
    emit.chatUpdate((await chats.find(inbox.chat.id)) ?? inbox.chat);
    change = newTeam(db, companyId, [], [session.id]).then(() => order.push("changed"));
    await expect.poll(async () => order.length > 0 || (await isWaiting())).toBe(true);
    order.push("emitted");
  });
  await change;
  expect(order).toEqual(["emitted", "changed"]);
  await db.withCompany(companyId, async ({ emit }) => emit.chatUpdate({ ...inbox.chat, version: 2 }));
  expect(publisher.published.map(({ event }) => event.audience.kind)).toEqual(["company", "reach"]);
});

test("repeats access_changed only when an earlier event was published after the change", async ({ db, publisher }) => {
  const inbox = await openInbox(db);
  const { companyId } = inbox;
  const settle = async () => {
    const settled = await db.system.reachChanges.list(10);
    for (const { changeId, mustRepeat } of settled)
      await db.withCompany(companyId, ({ reachChanges }) =>
        mustRepeat ? reachChanges.repeat(changeId) : reachChanges.end(changeId),
      );
    return settled.map(({ mustRepeat }) => mustRepeat);
  };
  const change = () => db.withReachChange(companyId, ({ reachChanges }) => reachChanges.record("agents"));
  await change();
  expect(await settle()).toEqual([false]);
  publisher.failure = new Error("Redis is away");
  await db.withCompany(companyId, async ({ emit }) => emit.chatUpdate(inbox.chat));
  publisher.failure = undefined;
  await change();
  expect(await settle()).toEqual([]);
  await db.system.outbox.sweep({ olderThanMs: 0 });
  expect(await settle()).toEqual([true]);
  const types = publisher.published.map(({ event }) => event.type);
  expect(types.filter((type) => type === "chat_update")).toHaveLength(1);
  expect(types.at(-1)).toBe("access_changed");
  expect(await settle()).toEqual([]);
});

test("the chats of a removed session stay hidden after its team was removed", async ({ db }) => {
  const { companyId, session, chat } = await openInbox(db);
  const bia = await newUser(db, companyId, "agent");
  const team = await newTeam(db, companyId, [], [session.id]);
  await db.withCompany(companyId, ({ sessions }) => sessions.remove(session.id));
  expect(await db.withCompany(companyId, ({ teams }) => teams.soleSessions(team))).toEqual([]);
  await db.withReachChange(companyId, ({ teams }) => teams.remove(team));
  expect(await db.withPerson({ companyId, userId: bia }, ({ chats }) => chats.find(chat.id))).toBeUndefined();
});

/** The rule once more, written independently of `reachOf`. */
interface Model {
  agentsSee: "all" | "team" | "own";
  users: { id: string; role: Role; teams: Set<string> }[];
  sessions: { id: string; chatIds: string[]; teams: Set<string> }[];
}
const modelSees = ({ agentsSee }: Model, user: Model["users"][number], { teams }: Model["sessions"][number]) =>
  user.role !== "agent" || agentsSee === "all" || teams.size === 0 || [...teams].some((team) => user.teams.has(team));

/** Random changes; `REACH_STEPS` sets their number. */
const steps = Number(process.env.REACH_STEPS ?? 60);

test("lists, single reads, row security and event audiences agree with the rule after random changes", async ({
  db,
  publisher,
}) => {
  const seed = Number(process.env.REACH_SEED ?? Math.floor(Math.random() * 2 ** 31));
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % limit;
  };
  const some = <Item>(items: readonly Item[]) => items.filter(() => below(2) === 0);
  const inbox = await openInbox(db);
  const model = await newModel(db, inbox);
  const { companyId } = inbox;
  const teams = await Promise.all([0, 1, 2].map(() => newTeam(db, companyId, [], [])));
  for (let step = 0; step < steps; step++) {
    await db.withReachChange(companyId, async (unit) => {
      const kind = below(5);
      if (kind === 0) {
        model.agentsSee = (["all", "team", "own"] as const)[below(3)] ?? "team";
        await unit.settings.setAgentsSee(model.agentsSee);
      } else if (kind <= 2) {
        const team = teams[below(teams.length)] ?? "";
        const members = some(model.users);
        for (const user of model.users) user.teams[members.includes(user) ? "add" : "delete"](team);
        await unit.teams.setMembers(
          team,
          members.map(({ id }) => id),
        );
      } else {
        const session = model.sessions[below(model.sessions.length)];
        if (!session) return;
        session.teams = new Set(some(teams));
        await unit.teams.setOfSession(session.id, [...session.teams]);
      }
    });
    await check(db, { companyId, model, publisher, label: `seed ${seed}, step ${step}` });
  }
}, 600_000);

async function newModel(db: Database, { companyId, session, chat, userId }: Inbox): Promise<Model> {
  const model: Model = {
    agentsSee: "team",
    users: [{ id: userId, role: "owner", teams: new Set() }],
    sessions: [{ id: session.id, chatIds: [chat.id], teams: new Set() }],
  };
  for (let count = 0; count < 3; count++)
    model.users.push({ id: await newUser(db, companyId, "agent"), role: "agent", teams: new Set() });
  await db.withCompany(companyId, async (unit) => {
    for (let count = 0; count < 2; count++) {
      const { id } = await unit.sessions.create({ name: "Suporte", engine: "simulator" });
      const opened = await openChat(unit, { sessionId: id, number: newNumber(), name: "Zé" });
      model.sessions.push({ id, chatIds: [opened.chat.id], teams: new Set() });
    }
  });
  return model;
}

interface CheckContext {
  companyId: string;
  model: Model;
  publisher: { published: { event: { audience: Audience } }[] };
  label: string;
}
let version = 1;

async function check(db: Database, { companyId, model, publisher, label }: CheckContext): Promise<void> {
  publisher.published.length = 0;
  version += 1;
  await db.withCompany(companyId, async ({ chats, emit }) => {
    for (const { chatIds } of model.sessions)
      for (const id of chatIds) emit.chatUpdate({ ...(await chats.getIncludingMerged(id)), version });
  });
  const audiences = publisher.published.map(({ event }) => event.audience);
  for (const user of model.users) {
    const expected = model.sessions
      .filter((session) => modelSees(model, user, session))
      .flatMap(({ chatIds }) => chatIds);
    const person = { companyId, userId: user.id };
    const raw = await unlimited<{ id: string }>(db, person, "select id from chats");
    const { listed, found, reachedClients } = await db.withPerson(person, async ({ chats, clients }) => {
      const { items } = await chats.list({ limit: 50 });
      const all = model.sessions.flatMap(({ chatIds }) => chatIds);
      const single = [];
      for (const id of all) single.push(await chats.find(id));
      const clientItems = (await clients.list({ limit: 50 })).items;
      return { listed: items, found: single.flatMap((chat) => chat ?? []), reachedClients: clientItems };
    });
    const member = { userId: user.id, role: user.role, seesAll: seesWholeCompany(user.role), teams: user.teams };
    const received = model.sessions.filter((_, index) => {
      const audience = audiences[index];
      return audience && isInAudience(audience, member);
    });
    const sorted = (ids: string[]) => ids.toSorted();
    const outcome = {
      raw: sorted(raw.map(({ id }) => id)),
      listed: sorted(listed.map(({ id }) => id)),
      found: sorted(found.map(({ id }) => id)),
      received: sorted(received.flatMap(({ chatIds }) => chatIds)),
      clients: reachedClients.length,
    };
    const ids = sorted(expected);
    expect(outcome, label).toEqual({ raw: ids, listed: ids, found: ids, received: ids, clients: ids.length });
  }
}
