import { channels, type DataOf } from "@syszap/contracts";
import { expect } from "vitest";
import { type Api, listen, newPerson, type Person, test } from "../support/api-test.ts";

const phoneNumber = "5511977776666";
const pathOf = (session: { id: string }, action: string) => `/v1/sessions/${session.id}${action}`;
const connect = (api: Api, person: Person, session: { id: string }, body?: object) =>
  api.request.post(pathOf(session, "/connect")).set(person.bearer).send(body);
const wanted = (api: Api, person: Person, session: { id: string }) =>
  api.database.withCompany(person.companyId, ({ sessions }) => sessions.findPairingNumber(session.id));

async function newSession(api: Api, person: Person): Promise<{ id: string }> {
  const { body } = await api.request.post("/v1/sessions").set(person.bearer).send({ name: "Vendas" }).expect(201);
  return body;
}

/** As its connector would, on a session that is wanted already. */
async function holdNumber(api: Api, person: Person, sessionId: string, detail: "connected" | "reconnecting") {
  const leases = await api.database.system.leases.claim({ connectorId: "connector-a", limit: 10, holding: [] });
  const generation = leases.find((lease) => lease.sessionId === sessionId)?.generation ?? 0;
  await api.database.withCompany(person.companyId, ({ sessions }) =>
    sessions.recordStatus({ sessionId, detail, generation, phoneNumber }),
  );
}

test("connecting with a phone number keeps it for the connector; without one it is forgotten", async ({ api }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  await connect(api, person, session, { phoneNumber }).expect(202);
  expect(await wanted(api, person, session)).toBe(phoneNumber);
  await connect(api, person, session).expect(202);
  expect(await wanted(api, person, session)).toBeNull();
});

test("a number that is given while a code is shown reaches the owner at once", async ({ api, onTestFinished }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  await connect(api, person, session).expect(202);
  const [lease] = await api.database.system.leases.claim({ connectorId: "connector-a", limit: 1, holding: [] });
  await api.database.withCompany(person.companyId, ({ sessions }) =>
    sessions.recordStatus({ sessionId: session.id, detail: "qr", generation: lease?.generation ?? 0 }),
  );
  const heard = await listen(api.redis, [channels.commands(person.companyId)]);
  onTestFinished(heard.close);
  await connect(api, person, session, { phoneNumber }).expect(202);
  expect(await heard.next()).toMatchObject({ message: { kind: "pair_by_phone", sessionId: session.id } });
});

test("what is no number with country code is refused", async ({ api }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  for (const given of [
    "+5511977776666",
    "011977776666",
    "55 11 97777-6666",
    "123",
    "1".repeat(16),
    "",
    5511977776666,
  ]) {
    const { body } = await connect(api, person, session, { phoneNumber: given }).expect(422);
    expect(body.errors, String(given)).toMatchObject([{ path: "phoneNumber" }]);
  }
});

test.for(["connected", "reconnecting"] as const)(
  "a number that is %s in another session is refused, whoever it belongs to, and nothing is said about it",
  async (detail, { api }) => {
    const [person, stranger] = [await newPerson(api), await newPerson(api)];
    const held = await newSession(api, person);
    await connect(api, person, held).expect(202);
    await holdNumber(api, person, held.id, detail);
    const answers = [];
    for (const other of [person, stranger]) {
      const session = await newSession(api, other);
      const { body } = await connect(api, other, session, { phoneNumber }).expect(409);
      answers.push(body);
      expect(JSON.stringify(body)).not.toContain(person.companyId);
      expect(await wanted(api, other, session)).toBeNull();
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0].type).toBe("/problems/number-in-use");
    await connect(api, person, held, { phoneNumber }).expect(202); // its own session may

    await api.request.post(pathOf(held, "/disconnect")).set(person.bearer).expect(202);
    await connect(api, stranger, await newSession(api, stranger), { phoneNumber }).expect(202);
  },
);

test("a company may ask about a few numbers only, in a while", async ({ api }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  for (let tried = 0; tried < 30; tried += 1) await connect(api, person, session, { phoneNumber }).expect(202);
  await connect(api, person, session, { phoneNumber }).expect(429);
  await connect(api, person, session).expect(202);
});

test("the code that can be typed now is for managers only, and gone with its time", async ({ api }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  const path = pathOf(session, "/pairing-code");
  await api.request.get(path).set(person.bearer).expect(404);
  const { timestamp, ...shown }: DataOf<"pairing_code"> = {
    ...{ sessionId: session.id, pairingCode: "7WX2K9QD", phoneNumber, attempt: 1 },
    expiresAt: new Date(Date.now() + 20_000).toISOString(),
    timestamp: new Date().toISOString(),
  };
  const fence = { sessionId: session.id, generation: 1 };
  await api.publisher.publishPairingCode(
    person.companyId,
    { type: "pairing_code", audience: { kind: "company" }, data: { ...shown, timestamp } },
    { ...fence, ttlMs: 20_000 },
  );
  await api.request.get(path).set(person.bearer).expect(200, shown);
  const agent = await newPerson(api, "agent", person.companyId);
  await api.request.get(path).set(agent.bearer).expect(403);
  const stranger = await newPerson(api);
  await api.request.get(path).set(stranger.bearer).expect(404);
  await api.publisher.clearPairingCode(person.companyId, session.id, 1);
  await api.request.get(path).set(person.bearer).expect(404);
});
