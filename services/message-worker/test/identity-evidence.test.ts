import { expect } from "vitest";
import { type Company, messageJob, type TestEnvironment, test } from "./fixtures.ts";

interface Ids {
  number: string;
  lid?: string;
}
const X = "5511988887777";
const Y = "5521977776666";
const L1 = "88123456789012";
const L2 = "88123456789013";
const onlyLid = (lid: string): Ids => ({ number: lid, lid });

/** Receives one message from each of these contacts, one after the other. Returns the texts of each client's chat, by number. */
async function receive(environment: TestEnvironment, acme: Company, writers: readonly Ids[]) {
  for (const [index, client] of writers.entries()) {
    const waChatId = client.number === client.lid ? `${client.lid}@lid` : `${client.number}@c.us`;
    const timestampMs = 1_700_000_000_000 + index * 1_000;
    const job = { client: { ...client, name: null }, waChatId, timestampMs, body: String(index) };
    await environment.add("message", messageJob(acme, job));
    await acme.events.next(({ type, data }) => type === "new_message" && "Body" in data && data.Body === String(index));
  }
  return inbox(environment, acme);
}

const inbox = ({ db }: TestEnvironment, { companyId }: Company) =>
  db.withCompany(companyId, async ({ chats, messages }) => {
    const found: { number: string; waChatId: string; texts: string[] }[] = [];
    for (const chat of (await chats.list({ limit: 50 })).items) {
      const texts = (await messages.listBefore(chat.id, { limit: 50 })).items.map(({ body }) => body).toReversed();
      found.push({ number: chat.client.whatsappNumber, waChatId: chat.waChatId, texts });
    }
    return found.toSorted((one, other) => Number(one.texts[0]) - Number(other.texts[0]));
  });

test.for([
  ["Mexico's 1", "525512345678", "5215512345678"],
  ["Argentina's 9", "541112345678", "5491112345678"],
  ["Brazil's ninth digit", "551188887777", "5511988887777"],
])("a number with and without %s is one client", async ([, one = "", other = ""], { environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  expect(await receive(environment, acme, [{ number: one }, { number: other }, { number: one }])).toMatchObject([
    { texts: ["0", "1", "2"] },
  ]);
});

test("a client who changed the number is shown with the new one, and answers go there", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const chats = await receive(environment, acme, [{ number: X, lid: L1 }, { number: Y, lid: L1 }, { number: Y }]);
  expect(chats).toEqual([{ number: Y, waChatId: `${Y}@c.us`, texts: ["0", "1", "2"] }]);
});

test("a number that another customer has now joins nobody, and no message moves", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const writers = [{ number: X, lid: L1 }, { number: Y, lid: L2 }, { number: Y, lid: L1 }, { number: Y }, onlyLid(L2)];
  const chats = await receive(environment, acme, writers);
  expect(chats.map(({ texts }) => texts)).toEqual([
    ["0", "2", "3"],
    ["1", "4"],
  ]);
});

test("a picture of a client without a number creates no second client", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  await receive(environment, acme, [onlyLid(L1)]);
  const { companyId, sessionId } = acme;
  await environment.add("contact", { companyId, sessionId, number: L1, name: "Lia", timestampMs: Date.now() });
  await acme.events.next(({ type, data }) => type === "client_update" && "Name" in data && data.Name === "Lia");
  const rows = await environment.db.withCompany(companyId, ({ clients }) => clients.list({ limit: 10 }));
  expect(rows.items).toHaveLength(1);
});

/** Deterministic random numbers, so that a failing sequence can be repeated. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
}

test("whatever evidence comes, no client ever has the messages of two persons", async ({ environment }) => {
  const { db } = environment;
  for (let seed = 1; seed <= 40; seed++) {
    const acme = await environment.openCompany();
    const random = randomFrom(seed);
    // Persons have one LID each. Numbers change and are given to others, but only evidence with a LID names the new owner.
    const persons = [0, 1, 2].map((index) => ({ lid: `8812345678900${index}`, number: `551198888000${index}` }));
    const free = ["5511988880003", "5511988880004"];
    const clientsOf = new Map<string, Set<number>>();
    const seen: string[] = [];
    for (let step = 0; step < 25; step++) {
      const who = random(persons.length);
      const person = persons[who];
      if (!person) throw new Error("no such person");
      if (random(4) === 0) {
        const other = free.shift();
        if (other !== undefined) {
          free.push(person.number);
          person.number = other;
        }
      }
      const contact = random(3) === 0 ? onlyLid(person.lid) : { number: person.number, lid: person.lid };
      seen.push(`${who}:${contact.number}`);
      const contactAt = new Date(1_700_000_000_000 + step * 1_000);
      const { client } = await db.withCompany(acme.companyId, ({ clientResolver }) =>
        clientResolver.touchFromMessage({ ...contact, name: null, contactAt }),
      );
      const owners = clientsOf.get(client.id) ?? new Set();
      clientsOf.set(client.id, owners.add(who));
      expect([...owners], `seed ${seed}: ${seen.join(" ")}`).toEqual([who]);
    }
    expect(clientsOf.size, `seed ${seed}: one client for each person`).toBe(new Set(seen.map((each) => each[0])).size);
  }
});
