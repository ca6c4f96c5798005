import { randomUUID } from "node:crypto";
import { channels, type DataOf, type SessionDetail, SessionDetails } from "@syszap/contracts";
import { expect } from "vitest";
import { type Api, eventsOf, listen, newPerson, type Person, test } from "../support/api-test.ts";

async function newSession(api: Api, person: Person, body: object = { name: "Vendas" }) {
  const res = await api.request.post("/v1/sessions").set(person.bearer).send(body).expect(201);
  return res.body;
}

/** Plays the connector: takes the session's lease and records a state. */
async function bring(api: Api, person: Person, sessionId: string, detail: SessionDetail): Promise<number> {
  await api.database.withCompany(person.companyId, ({ sessions }) => sessions.setDesiredState(sessionId, "running"));
  const leases = await api.database.system.leases.claim({ connectorId: "connector-a", limit: 10, holding: [] });
  const generation = leases.find((lease) => lease.sessionId === sessionId)?.generation ?? 0;
  await api.database.withCompany(person.companyId, ({ sessions }) =>
    sessions.recordStatus({ sessionId, detail, generation }),
  );
  return generation;
}
const pathOf = (session: { id: string }, action = "") => `/v1/sessions/${session.id}${action}`;

test("a new session is stopped, and has the usual engine unless another one is asked for", async ({ api }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person, { name: "  Vendas " });
  expect(session).toMatchObject({ name: "Vendas", engine: "simulator", status: "disconnected", detail: "stopped" });
  const other = await newSession(api, person, { name: "Suporte", engine: "wppconnect" });
  expect(other.engine).toBe("wppconnect");
  const { body } = await api.request.get("/v1/sessions").set(person.bearer).expect(200);
  expect(body).toEqual({ items: [session, other], next: null });
  const one = await api.request.get(pathOf(session)).set(person.bearer).expect(200);
  expect(one.body).toMatchObject(session);
});

test("one session is shown with its owner, its health and what it went through", async ({ api }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  const generation = await bring(api, person, session.id, "qr");
  const health = { restarts: 1, memoryBytes: 400_000_000, lastEventAt: new Date() };
  await api.database.system.leases.renew("connector-a", [{ sessionId: session.id, generation, health }]);
  await api.database.withCompany(person.companyId, ({ sessions }) =>
    sessions.recordStatus({ sessionId: session.id, detail: "failed", reason: "browser_ended", generation }),
  );
  const { body } = await api.request.get(pathOf(session)).set(person.bearer).expect(200);
  expect(SessionDetails.parse(body)).toMatchObject({
    detail: "failed",
    reason: "browser_ended",
    owner: "connector-a",
    generation,
    ...health,
    lastEventAt: health.lastEventAt.toISOString(),
    history: [
      { detail: "failed", reason: "browser_ended", generation },
      { detail: "qr", reason: null, generation },
    ],
  });
  const stranger = await newPerson(api);
  await api.request.get(pathOf(session)).set(stranger.bearer).expect(404);
});

test("a company has a bounded number of sessions", async ({ api }) => {
  const person = await newPerson(api);
  await api.database.withCompany(person.companyId, async ({ sessions }) => {
    for (let i = 0; i < 100; i++) await sessions.create({ name: `${i}`, engine: "simulator" });
  });
  const { body } = await api.request.post("/v1/sessions").set(person.bearer).send({ name: "Mais" }).expect(409);
  expect(body.detail).toContain("Remove one first");
});

test("connecting makes a session wanted, and wakes the connectors", async ({ api, onTestFinished }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  const heard = await listen(api.redis, [channels.wake, channels.commands(person.companyId)]);
  onTestFinished(heard.close);

  const { body } = await api.request.post(pathOf(session, "/connect")).set(person.bearer).expect(202);

  expect(body.id).toBe(session.id);
  expect(await heard.next()).toEqual({ channel: channels.wake, message: "1" });
  const leases = await api.database.system.leases.claim({ connectorId: "connector-a", limit: 10, holding: [] });
  expect(leases).toMatchObject([{ sessionId: session.id, isWanted: true }]);
  // A stopped session needs no order: what comes next on the channels is the next request's.
  await api.request.post(pathOf(session, "/disconnect")).set(person.bearer).expect(202);
  expect(await heard.next()).toEqual({ channel: channels.wake, message: "1" });
});

test("connecting a session that waits for somebody asks its owner for a new code", async ({ api, onTestFinished }) => {
  const person = await newPerson(api);
  for (const detail of ["qr_expired", "logged_out", "conflict", "failed", "action_required"] as const) {
    const session = await newSession(api, person);
    await bring(api, person, session.id, detail);
    const heard = await listen(api.redis, [channels.commands(person.companyId)]);
    onTestFinished(heard.close);
    await api.request.post(pathOf(session, "/connect")).set(person.bearer).expect(202);
    expect(await heard.next()).toMatchObject({ message: { kind: "new_qr", sessionId: session.id } });
  }
});

test("disconnecting a session that nobody runs tells every page at once", async ({ api }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  const generation = await bring(api, person, session.id, "connected");
  await api.database.system.leases.release("connector-a", { sessionId: session.id, generation });

  const { body } = await api.request.post(pathOf(session, "/disconnect")).set(person.bearer).expect(202);

  expect(body).toMatchObject({ status: "disconnected", detail: "stopped" });
  const events = await eventsOf(api, person.companyId);
  expect(events).toMatchObject([
    { type: "session_status", version: body.version, data: { sessionId: session.id, status: "disconnected" } },
  ]);
});

test("logging out orders the owner to unlink the phone; without an owner it is refused", async ({
  api,
  onTestFinished,
}) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  const { body } = await api.request.post(pathOf(session, "/logout")).set(person.bearer).expect(409);
  expect(body.detail).toContain("Connect it first");
  await bring(api, person, session.id, "connected");
  const heard = await listen(api.redis, [channels.commands(person.companyId)]);
  onTestFinished(heard.close);
  await api.request.post(pathOf(session, "/logout")).set(person.bearer).expect(202);
  expect(await heard.next()).toMatchObject({ message: { kind: "log_out", sessionId: session.id } });
});

test("removing a session unlinks its phone, stops it and hides it", async ({ api, onTestFinished }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  await bring(api, person, session.id, "connected");
  const heard = await listen(api.redis, [channels.wake, channels.commands(person.companyId)]);
  onTestFinished(heard.close);
  await api.request.delete(pathOf(session)).set(person.bearer).expect(204);
  expect(await heard.next()).toMatchObject({ message: { kind: "log_out", sessionId: session.id } });
  expect(await heard.next()).toEqual({ channel: channels.wake, message: "1" });
  await api.request.get(pathOf(session)).set(person.bearer).expect(404);
  await api.request.delete(pathOf(session)).set(person.bearer).expect(404);
});

test("the QR code that can be scanned now is for managers only, and gone with its time", async ({ api }) => {
  const person = await newPerson(api);
  const session = await newSession(api, person);
  const none = await api.request.get(pathOf(session, "/qr")).set(person.bearer).expect(404);
  expect(none.body.detail).toContain("no QR code");
  const data: DataOf<"qr_code"> = {
    sessionId: session.id,
    qrCode: "data:image/png;base64,iVBORw0KGgo=",
    expiresAt: new Date(Date.now() + 20_000).toISOString(),
    attempt: 2,
    raw: "2@abc",
    timestamp: new Date().toISOString(),
  };
  await api.publisher.publishQr(
    person.companyId,
    { type: "qr_code", audience: { kind: "company" }, data },
    { sessionId: session.id, generation: 1, ttlMs: 20_000 },
  );
  const { sessionId, qrCode, expiresAt, attempt } = data;
  await api.request
    .get(pathOf(session, "/qr"))
    .set(person.bearer)
    .expect(200, { sessionId, qrCode, expiresAt, attempt });
  const agent = await newPerson(api, "agent", person.companyId);
  await api.request.get(pathOf(session, "/qr")).set(agent.bearer).expect(403);
  await api.publisher.clearQr(person.companyId, session.id, 1);
  await api.request.get(pathOf(session, "/qr")).set(person.bearer).expect(404);
});

test("a session that nobody has is not found by any action", async ({ api }) => {
  const person = await newPerson(api);
  for (const action of ["connect", "disconnect", "logout"])
    await api.request.post(`/v1/sessions/${randomUUID()}/${action}`).set(person.bearer).expect(404);
});
