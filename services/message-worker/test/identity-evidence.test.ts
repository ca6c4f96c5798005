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
      found.push({ number: chat.client?.whatsappNumber ?? "", waChatId: chat.waChatId, texts });
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
  expect(chats).toEqual([
    { number: Y, waChatId: `${Y}@c.us`, texts: ["0", "2", "3"] },
    { number: "", waChatId: `${L2}@lid`, texts: ["1", "4"] },
  ]);
});

test("a customer whose number passed to another one is shown without it, and answers go to the LID", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const chats = await receive(environment, acme, [
    { number: X, lid: L1 },
    { number: X, lid: L2 },
  ]);
  expect(chats).toEqual([
    { number: "", waChatId: `${L1}@lid`, texts: ["0"] },
    { number: X, waChatId: `${X}@c.us`, texts: ["1"] },
  ]);
  const [first] = acme.events.of("new_client");
  const lost = await acme.events.next(
    ({ type, data }) => type === "client_update" && "WhatsApp_Number" in data && data.WhatsApp_Number === "",
  );
  expect(lost.data).toMatchObject({ Id: first?.data.Id });
  await acme.events.next(
    ({ type, data }) => type === "chat_update" && "WA_Chat_Id" in data && data.WA_Chat_Id === `${L1}@lid`,
  );
  const foundBy = (search: string) =>
    environment.db.withCompany(acme.companyId, ({ clients }) => clients.list({ limit: 10 }, search));
  expect((await foundBy(X)).items).toMatchObject([{ whatsappNumber: X }]);
});

test("shows no digits of a LID where the number is not known", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const client = { number: "82880134910105", lid: "82880134910105" };
  for (const name of [null, "82880134910105", "+8288 0134 9101-05"])
    await environment.add(
      "message",
      messageJob(acme, { client: { ...client, name }, waChatId: `${client.lid}@lid`, body: name ?? "first" }),
    );
  for (const body of ["first", "82880134910105", "+8288 0134 9101-05"])
    await acme.events.next(({ type, data }) => type === "new_message" && "Body" in data && data.Body === body);
  const { companyId } = acme;
  const read = () => environment.db.withCompany(companyId, ({ clients }) => clients.list({ limit: 10 }));
  expect((await read()).items).toMatchObject([{ name: "", whatsappNumber: null }]);
  expect(acme.events.of("new_client")).toMatchObject([{ data: { Name: "", WhatsApp_Number: "" } }]);
  for (const { data } of acme.events.of("new_message"))
    expect(data.Client).toMatchObject({ Name: "", WhatsApp_Number: "" });
  for (const { data } of acme.events.of("client_update")) expect(data).toMatchObject({ Name: "", WhatsApp_Number: "" });
  const named = { ...client, name: "Lia" };
  await environment.add("message", messageJob(acme, { client: named, waChatId: `${client.lid}@lid`, body: "named" }));
  await acme.events.next(({ type, data }) => type === "client_update" && "Name" in data && data.Name === "Lia");
  expect((await read()).items).toMatchObject([{ name: "Lia", whatsappNumber: null }]);
});

test("finds a client by an earlier number while nobody else has it, and lists all numbers with times", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  await receive(environment, acme, [{ number: X, lid: L1 }, { number: Y, lid: L1 }, onlyLid(L1)]);
  const { companyId } = acme;
  const foundBy = (search: string) =>
    environment.db.withCompany(companyId, async ({ clients, chats }) => [
      (await clients.list({ limit: 10 }, search)).items.length,
      (await chats.list({ limit: 10, search })).items.length,
    ]);
  expect([await foundBy("8888-7777"), await foundBy(Y)]).toEqual([
    [1, 1],
    [1, 1],
  ]);
  const [client] = acme.events.of("new_client");
  const addresses = await environment.db.withCompany(companyId, (unit) =>
    unit.clientAddresses.list(client?.data.Id ?? ""),
  );
  const [firstAt, secondAt] = [1_700_000_000_000, 1_700_000_001_000].map((at) => new Date(at).toISOString());
  expect(addresses).toMatchObject([
    { number: Y, isCurrent: true, firstSeenAt: secondAt },
    { number: null, isCurrent: true, firstSeenAt: firstAt },
    { number: X, isCurrent: true, firstSeenAt: firstAt },
  ]);
  expect(JSON.stringify(addresses)).not.toContain(L1);
  await environment.add("message", messageJob(acme, { client: { number: X, lid: L2, name: null }, body: "new owner" }));
  await acme.events.next(({ type, data }) => type === "new_message" && "Body" in data && data.Body === "new owner");
  expect(await foundBy("8888-7777")).toEqual([1, 1]);
  const { items } = await environment.db.withCompany(companyId, ({ clients }) => clients.list({ limit: 10 }, X));
  expect(items[0]?.id).not.toBe(client?.data.Id);
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

test("shows and finds a client without a name by the user name", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const { companyId, sessionId } = acme;
  const client = { number: L1, lid: L1, name: null, username: "lia.costa" };
  await environment.add("message", messageJob(acme, { client, waChatId: `${L1}@lid`, timestampMs: 1_000 }));
  const created = await acme.events.next(({ type }) => type === "new_client");
  expect(created.data).toMatchObject({ Name: "@lia.costa", WhatsApp_Number: "", Username: "lia.costa" });
  await environment.add("contact", { companyId, sessionId, number: L1, lid: L1, username: "lia", timestampMs: 2_000 });
  await acme.events.next(({ type, data }) => type === "client_update" && "Username" in data && data.Username === "lia");
  const foundBy = (search: string) =>
    environment.db.withCompany(companyId, async ({ clients, chats }) => [
      (await clients.list({ limit: 10 }, search)).items.length,
      (await chats.list({ limit: 10, search })).items.length,
    ]);
  expect([await foundBy("@lia"), await foundBy("@LIA"), await foundBy("@lia.costa")]).toEqual([
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
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
