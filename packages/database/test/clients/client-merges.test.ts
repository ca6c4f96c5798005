import { createHash, randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { expect } from "vitest";
import { addressOf, type Database } from "../../src/index.ts";
import { type Inbox, newMessage, openInbox, test } from "../fixtures.ts";

interface Ids {
  number: string;
  lid?: string;
}
const X = "5511988887777";
const Y = "5521977776666";
const L1 = "88123456789012";
const L2 = "88123456789013";
const L3 = "88123456789014";
const startMs = 1_700_000_000_000;
const idOf = (address: string) => createHash("md5").update(address).digest("hex");

/** Stores a message as the worker does. Returns the client and the message. */
async function receive(db: Database, inbox: Inbox, { body, ...contact }: Ids & { body?: string }, second: number) {
  const waChatId = contact.number === contact.lid ? `${contact.lid}@lid` : `${contact.number}@c.us`;
  return db.withCompany(inbox.companyId, async (unit) => {
    const contactAt = new Date(startMs + second * 1_000);
    const { client } = await unit.clientResolver.touchFromMessage({ ...contact, name: null, contactAt });
    const chat = await unit.chatRecorder.upsert({ sessionId: inbox.session.id, clientId: client.id, waChatId });
    const about = {
      chatId: chat.id,
      address: addressOf(contact),
      body: body ?? String(second),
      timestampMs: contactAt.getTime(),
    };
    const message = await unit.messages.insertOnce(newMessage(inbox, { ...about, waKey: randomUUID() }));
    if (!message) throw new Error("the message was not stored");
    await unit.chatRecorder.recordMessage(message);
    return { clientId: client.id, chatId: chat.id, messageId: message.id };
  });
}

const inUnit = <Result>(db: Database, inbox: Inbox, work: Parameters<typeof db.withCompany<Result>>[1]) =>
  db.withCompany(inbox.companyId, work);

async function merge(db: Database, inbox: Inbox, kept: string, gone: string): Promise<string> {
  const merged = await inUnit(db, inbox, ({ clientMerges }) => clientMerges.merge(kept, gone));
  if (!merged) throw new Error("the clients were not merged");
  return merged.id;
}

const undo = (db: Database, inbox: Inbox, kept: string, id: string) =>
  inUnit(db, inbox, ({ clientMerges }) => clientMerges.undo(kept, id));

/** Everything that a merge changes. */
async function stateOf(owner: Knex, { companyId }: Inbox) {
  const rows = (table: string, columns: string) =>
    owner(table).where({ company_id: companyId }).select(owner.raw(columns)).orderByRaw("1, 2, 3");
  return {
    clients: await rows(
      "clients",
      "id, name, name_at, whatsapp_number, last_contact_at, registered_at, merged_into, other_names, username",
    ),
    chats: await rows(
      "chats",
      "id, client_id, session_id, wa_chat_id, unread_count, read_order, last_message_id, last_message_order, merged_into",
    ),
    messages: await rows("messages", "id, chat_id, body, revoked_at"),
    identities: await rows("client_identities", "kind, value, client_id"),
    evidence: await rows("client_evidence", "client_id, kind, value, reported, first_at, last_at"),
  };
}

/** The texts of each client, by client id. */
async function textsOf(owner: Knex, { companyId }: Inbox): Promise<Map<string, string[]>> {
  const rows = await owner("messages as m")
    .join("chats as c", "c.id", "m.chat_id")
    .where({ "m.company_id": companyId })
    .whereNull("c.merged_into")
    .orderBy("m.source_order")
    .select("c.client_id as id", "m.body");
  const texts = new Map<string, string[]>();
  for (const { id, body } of rows) texts.set(id, [...(texts.get(id) ?? []), body]);
  return texts;
}

test("undoing a merge restores both clients exactly", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const one = await receive(db, inbox, { number: X, lid: L1 }, 1);
  const other = await receive(db, inbox, { number: Y, lid: L2 }, 2);
  await receive(db, inbox, { number: X, lid: L1 }, 3);
  await inUnit(db, inbox, ({ chats }) => chats.markRead(one.chatId));
  await receive(db, inbox, { number: X, lid: L1 }, 4);
  const before = await stateOf(owner, inbox);
  const id = await merge(db, inbox, one.clientId, other.clientId);
  expect((await textsOf(owner, inbox)).get(one.clientId)).toEqual(["1", "2", "3", "4"]);
  expect(await inUnit(db, inbox, ({ clientMerges }) => clientMerges.listOpen(one.clientId))).toMatchObject([
    { id, name: Y, whatsappNumber: Y },
  ]);
  expect(await undo(db, inbox, one.clientId, id)).toMatchObject({ kept: one.clientId, gone: other.clientId });
  expect(await stateOf(owner, inbox)).toEqual(before);
  expect(await undo(db, inbox, one.clientId, id)).toBe("closed");
});

test("undoing a merge gives each client what arrived for it since", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const one = await receive(db, inbox, { number: X, lid: L1 }, 1);
  const other = await receive(db, inbox, { number: Y, lid: L2 }, 2);
  const id = await merge(db, inbox, one.clientId, other.clientId);
  expect((await receive(db, inbox, { number: Y, lid: L2 }, 3)).clientId).toBe(one.clientId);
  await receive(db, inbox, { number: X, lid: L1 }, 4);
  await receive(db, inbox, { number: "5531966665555", lid: L2 }, 5);
  await undo(db, inbox, one.clientId, id);
  const texts = await textsOf(owner, inbox);
  expect([texts.get(one.clientId), texts.get(other.clientId)]).toEqual([
    ["1", "4"],
    ["2", "3", "5"],
  ]);
  expect((await receive(db, inbox, { number: "5531966665555" }, 6)).clientId).toBe(other.clientId);
  const { items } = await inUnit(db, inbox, ({ chats }) => chats.list({ limit: 10 }));
  expect(items.filter(({ lastMessage }) => lastMessage).map(({ unreadCount }) => unreadCount)).toEqual([4, 2]);
});

test("undoing a merge leaves a number with the client that has it since", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const one = await receive(db, inbox, { number: X, lid: L1 }, 1);
  const other = await receive(db, inbox, { number: Y, lid: L2 }, 2);
  const id = await merge(db, inbox, one.clientId, other.clientId);
  await receive(db, inbox, { number: Y, lid: L1 }, 3);
  await undo(db, inbox, one.clientId, id);
  await receive(db, inbox, { number: Y }, 4);
  await receive(db, inbox, { number: L2, lid: L2 }, 5);
  const texts = await textsOf(owner, inbox);
  expect([texts.get(one.clientId), texts.get(other.clientId)]).toEqual([
    ["1", "3", "4"],
    ["2", "5"],
  ]);
});

test("a merge can be undone for 24 hours, and the newest one first", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const [one, two, three] = [
    await receive(db, inbox, { number: X, lid: L1 }, 1),
    await receive(db, inbox, { number: Y, lid: L2 }, 2),
    await receive(db, inbox, { number: L3, lid: L3 }, 3),
  ];
  const first = await merge(db, inbox, one.clientId, two.clientId);
  const second = await merge(db, inbox, one.clientId, three.clientId);
  expect(await undo(db, inbox, one.clientId, first)).toBe("newer");
  await undo(db, inbox, one.clientId, second);
  await owner("client_merges")
    .where({ id: first })
    .update({ merged_at: owner.raw("now() - interval '25 hours'") });
  expect(await undo(db, inbox, one.clientId, first)).toBe("closed");
  expect(await inUnit(db, inbox, ({ clientMerges }) => clientMerges.listOpen(one.clientId))).toEqual([]);
  expect(await undo(db, inbox, one.clientId, randomUUID())).toBe("absent");
  expect(await inUnit(db, inbox, ({ clientMerges }) => clientMerges.merge(one.clientId, two.clientId))).toBeUndefined();
});

test("clients that were merged by hand stay merged when the same evidence comes again", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const one = await receive(db, inbox, { number: X, lid: L1 }, 1);
  const other = await receive(db, inbox, { number: Y, lid: L2 }, 2);
  await merge(db, inbox, one.clientId, other.clientId);
  for (const contact of [{ number: Y, lid: L2 }, { number: L2, lid: L2 }, { number: X }, { number: Y }])
    expect((await receive(db, inbox, contact, 3)).clientId).toBe(one.clientId);
  expect((await textsOf(owner, inbox)).size).toBe(1);
});

test("clients that were split by hand stay split when the same evidence comes again", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  await receive(db, inbox, { number: X }, 1);
  await receive(db, inbox, { number: L1, lid: L1 }, 2);
  const { clientId } = await receive(db, inbox, { number: X, lid: L1 }, 3);
  const split = await inUnit(db, inbox, ({ clientSplits }) =>
    clientSplits.split(clientId, { addressIds: [idOf(`lid:${L1}`)], from: null, name: "Outra" }),
  );
  if (typeof split === "string") throw new Error(split);
  const texts = await textsOf(owner, inbox);
  expect([texts.get(clientId), texts.get(split.id)]).toEqual([["1"], ["2", "3"]]);
  const { items } = await inUnit(db, inbox, ({ chats }) => chats.list({ limit: 10 }));
  expect(items.filter(({ lastMessage }) => lastMessage)).toMatchObject([
    { client: { id: split.id, name: "Outra", whatsappNumber: null }, waChatId: `${L1}@lid`, unreadCount: 2 },
    { client: { id: clientId, whatsappNumber: X }, waChatId: `${X}@c.us`, unreadCount: 1 },
  ]);
  expect((await receive(db, inbox, { number: X, lid: L1 }, 4)).clientId).toBe(split.id);
  expect((await textsOf(owner, inbox)).get(clientId)).toEqual(["1"]);
});

test("a number that passed to another person is split by time", async ({ db, owner }) => {
  const inbox = await openInbox(db);
  const { clientId } = await receive(db, inbox, { number: X }, 1);
  await receive(db, inbox, { number: X }, 2);
  const at = (second: number) => new Date(startMs + second * 1_000);
  const split = (addressIds: string[], from: Date | null) =>
    inUnit(db, inbox, ({ clientSplits }) => clientSplits.split(clientId, { addressIds, from, name: null }));
  expect(await split([idOf(`phone:${X}`)], null)).toBe("nothing_left");
  expect(await split([idOf(`phone:${Y}`)], null)).toBe("unknown_address");
  const done = await split([idOf(`phone:${X}`)], at(2));
  if (typeof done === "string") throw new Error(done);
  await receive(db, inbox, { number: X }, 3);
  const texts = await textsOf(owner, inbox);
  expect([texts.get(clientId), texts.get(done.id)]).toEqual([["1"], ["2", "3"]]);
  const client = await inUnit(db, inbox, ({ clients }) => clients.find(clientId));
  expect(client).toMatchObject({ whatsappNumber: null });
});

/** Deterministic random numbers, so that a failing sequence can be repeated. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
}

// The timeout guards against hanging only.
const guard = { timeout: 600_000 };

test(
  "whatever is merged, split and undone by hand, no client ends with the messages of two persons",
  guard,
  async ({ db, owner }) => {
    for (let seed = 1; seed <= 15; seed++) {
      const inbox = await openInbox(db);
      const random = randomFrom(seed);
      const steps: string[] = [];
      const persons = [0, 1, 2].map((index) => ({
        lids: [`8812345678${seed}900${index}`],
        number: `551198888${String(seed).padStart(2, "0")}0${index}`,
      }));
      const free = [3, 4, 5].map((index) => `551198888${String(seed).padStart(2, "0")}0${index}`);
      let lids = 0;
      /** The person of each client that is not merged wrongly. */
      const clientsOf = new Map<string, number>();
      const wrong: { id: string; kept: string; gone: string }[] = [];
      const isInWrong = (id: string) => wrong.some(({ kept, gone }) => id === kept || id === gone);

      const correct = async () => {
        const last = wrong.at(-1);
        if (!last) return;
        steps.push(`undo ${last.gone.slice(0, 4)}`);
        expect(await undo(db, inbox, last.kept, last.id), steps.join(" ")).toMatchObject({ gone: last.gone });
        wrong.pop();
      };
      for (let step = 0; step < 30; step++) {
        const who = random(persons.length);
        const person = persons[who];
        if (!person) throw new Error("no such person");
        const change = random(12);
        const other = free.shift();
        if (other !== undefined && change < 3) {
          free.push(person.number);
          person.number = other;
        } else if (other !== undefined) free.unshift(other);
        if (change === 3) person.lids.push(`8899${seed}000${lids++}`);
        if (change === 4) await correct();
        const known = [...clientsOf].filter(([id]) => !wrong.some(({ gone }) => gone === id));
        if (change === 5 && known.length > 1) {
          const [kept, gone] = [known[random(known.length)], known[random(known.length)]];
          if (kept && gone && kept[0] !== gone[0] && !isInWrong(gone[0])) {
            steps.push(`merge ${kept[0].slice(0, 4)}<${gone[0].slice(0, 4)}`);
            const id = await merge(db, inbox, kept[0], gone[0]);
            if (kept[1] === gone[1] && !isInWrong(kept[0])) clientsOf.delete(gone[0]);
            else wrong.push({ id, kept: kept[0], gone: gone[0] });
          }
        }
        const lid = person.lids[random(person.lids.length)] ?? "";
        const contact = random(3) === 0 ? { number: lid, lid } : { number: person.number, lid };
        steps.push(`${who}:${contact.number}/${lid}`);
        const { clientId } = await receive(db, inbox, { ...contact, body: String(who) }, step);
        if (!clientsOf.has(clientId)) clientsOf.set(clientId, who);
      }
      while (wrong.length > 0) await correct();
      const check = async () => {
        for (const [id, texts] of await textsOf(owner, inbox))
          expect(new Set(texts).size, `seed ${seed}, client ${id.slice(0, 4)}: ${steps.join(" ")}`).toBe(1);
      };
      await check();

      // A wrong merge that is split instead of undone.
      const [first, second] = [...new Map([...clientsOf].map(([id, who]) => [who, id]))];
      if (first && second) {
        await merge(db, inbox, first[1], second[1]);
        const own = new Set((persons[second[0]]?.lids ?? []).map((lid) => idOf(`lid:${lid}`)));
        const number = persons[second[0]]?.number;
        const split = await inUnit(db, inbox, async ({ clientAddresses, clientSplits }) => {
          const addresses = (await clientAddresses.list(first[1])).filter(({ isCurrent }) => isCurrent);
          const addressIds = addresses.filter((each) => own.has(each.id) || each.number === number).map(({ id }) => id);
          return clientSplits.split(first[1], { addressIds, from: null, name: null });
        });
        expect(split, `seed ${seed}: ${steps.join(" ")}`).toMatchObject({ id: expect.any(String) });
      }
      for (let step = 30; step < 40; step++) {
        const who = random(persons.length);
        const lid = persons[who]?.lids[random(persons[who]?.lids.length ?? 1)] ?? "";
        const number = random(2) === 0 ? lid : (persons[who]?.number ?? lid);
        await receive(db, inbox, { number, lid, body: String(who) }, step);
      }
      await check();
    }
  },
);
