import { channels, type DataOf } from "@syszap/contracts";
import { expect } from "vitest";
import { type Api, listen, newUser, type TestUser, test } from "../support/api-test.ts";

const phoneNumber = "5511977776666";
const pathOf = (session: { id: string }, action: string) => `/v1/sessions/${session.id}${action}`;
const connect = (api: Api, user: TestUser, session: { id: string }, body?: object) =>
  api.request.post(pathOf(session, "/connect")).set(user.bearer).send(body);
const wanted = (api: Api, user: TestUser, session: { id: string }) =>
  api.database.withCompany(user.companyId, ({ sessions }) => sessions.findPairingNumber(session.id));

async function newSession(api: Api, user: TestUser): Promise<{ id: string }> {
  const { body } = await api.request.post("/v1/sessions").set(user.bearer).send({ name: "Vendas" }).expect(201);
  return body;
}

/** Acts as the connector of a wanted session and records the linked number. */
async function linkNumber(api: Api, user: TestUser, sessionId: string, detail: "connected" | "reconnecting") {
  const leases = await api.database.system.leases.claim({ connectorId: "connector-a", limit: 10, holding: [] });
  const generation = leases.find((lease) => lease.sessionId === sessionId)?.generation ?? 0;
  await api.database.withCompany(user.companyId, ({ sessions }) =>
    sessions.recordStatus({ sessionId, detail, generation, phoneNumber }),
  );
}

test("stores the phone number for the connector, and clears it when none is given", async ({ api }) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  await connect(api, user, session, { phoneNumber }).expect(202);
  expect(await wanted(api, user, session)).toBe(phoneNumber);
  await connect(api, user, session).expect(202);
  expect(await wanted(api, user, session)).toBeNull();
});

test("sends the owner a phone number that is given while a QR code is shown", async ({ api, onTestFinished }) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  await connect(api, user, session).expect(202);
  const [lease] = await api.database.system.leases.claim({ connectorId: "connector-a", limit: 1, holding: [] });
  await api.database.withCompany(user.companyId, ({ sessions }) =>
    sessions.recordStatus({ sessionId: session.id, detail: "qr", generation: lease?.generation ?? 0 }),
  );
  const listener = await listen(api.redis, [channels.commands(user.companyId)]);
  onTestFinished(listener.close);
  await connect(api, user, session, { phoneNumber }).expect(202);
  expect(await listener.next()).toMatchObject({ message: { kind: "pair_by_phone", sessionId: session.id } });
});

test("rejects numbers without a country code and other invalid ones", async ({ api }) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  for (const invalidNumber of [
    "+5511977776666",
    "011977776666",
    "55 11 97777-6666",
    "123",
    "1".repeat(16),
    "",
    5511977776666,
  ]) {
    const { body } = await connect(api, user, session, { phoneNumber: invalidNumber }).expect(422);
    expect(body.errors, String(invalidNumber)).toMatchObject([{ path: "phoneNumber" }]);
  }
});

test.for(["connected", "reconnecting"] as const)(
  "rejects a number that is %s in another session of any company, without details",
  async (detail, { api }) => {
    const [user, stranger] = [await newUser(api), await newUser(api)];
    const held = await newSession(api, user);
    await connect(api, user, held).expect(202);
    await linkNumber(api, user, held.id, detail);
    const answers = [];
    for (const other of [user, stranger]) {
      const session = await newSession(api, other);
      const { body } = await connect(api, other, session, { phoneNumber }).expect(409);
      answers.push(body);
      expect(JSON.stringify(body)).not.toContain(user.companyId);
      expect(await wanted(api, other, session)).toBeNull();
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0].type).toBe("/problems/number-in-use");
    await connect(api, user, held, { phoneNumber }).expect(202); // The session that holds the number may use it.

    await api.request.post(pathOf(held, "/disconnect")).set(user.bearer).expect(202);
    await connect(api, stranger, await newSession(api, stranger), { phoneNumber }).expect(202);
  },
);

test("limits how many numbers a company can try", async ({ api }) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  for (let tried = 0; tried < 30; tried += 1) await connect(api, user, session, { phoneNumber }).expect(202);
  await connect(api, user, session, { phoneNumber }).expect(429);
  await connect(api, user, session).expect(202);
});

test("returns the current pairing code to managers only, until it expires", async ({ api }) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  const path = pathOf(session, "/pairing-code");
  await api.request.get(path).set(user.bearer).expect(404);
  const { timestamp, ...shown }: DataOf<"pairing_code"> = {
    sessionId: session.id,
    pairingCode: "7WX2K9QD",
    phoneNumber,
    attempt: 1,
    expiresAt: new Date(Date.now() + 20_000).toISOString(),
    timestamp: new Date().toISOString(),
  };
  const fence = { sessionId: session.id, generation: 1 };
  await api.publisher.publishLinkCode(
    user.companyId,
    { type: "pairing_code", audience: { kind: "company" }, data: { ...shown, timestamp } },
    { ...fence, ttlMs: 20_000 },
  );
  await api.request.get(path).set(user.bearer).expect(200, shown);
  const agent = await newUser(api, "agent", user.companyId);
  await api.request.get(path).set(agent.bearer).expect(403);
  const stranger = await newUser(api);
  await api.request.get(path).set(stranger.bearer).expect(404);
  await api.publisher.clearLinkCode(user.companyId, "pairing_code", { sessionId: session.id, generation: 1 });
  await api.request.get(path).set(user.bearer).expect(404);
});
