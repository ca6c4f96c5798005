import { randomUUID } from "node:crypto";
import { channels, type DataOf, type SessionDetail, SessionDetails } from "@syszap/contracts";
import { expect } from "vitest";
import { type Api, eventsOf, listen, newUser, type TestUser, test } from "../support/api-test.ts";

async function newSession(api: Api, user: TestUser, body: object = { name: "Vendas" }) {
  const res = await api.request.post("/v1/sessions").set(user.bearer).send(body).expect(201);
  return res.body;
}

/** Acts as the connector: claims the session's lease and records a status. */
async function recordStatus(api: Api, user: TestUser, sessionId: string, detail: SessionDetail): Promise<number> {
  await api.database.withCompany(user.companyId, ({ sessions }) => sessions.setDesiredState(sessionId, "running"));
  const leases = await api.database.system.leases.claim({ connectorId: "connector-a", limit: 10, holding: [] });
  const generation = leases.find((lease) => lease.sessionId === sessionId)?.generation ?? 0;
  await api.database.withCompany(user.companyId, ({ sessions }) =>
    sessions.recordStatus({ sessionId, detail, generation }),
  );
  return generation;
}
const pathOf = (session: { id: string }, action = "") => `/v1/sessions/${session.id}${action}`;

test("creates a stopped session, with the default engine unless one is given", async ({ api }) => {
  const user = await newUser(api);
  const session = await newSession(api, user, { name: "  Vendas " });
  expect(session).toMatchObject({ name: "Vendas", engine: "simulator", status: "disconnected", detail: "stopped" });
  const other = await newSession(api, user, { name: "Suporte", engine: "wppconnect" });
  expect(other.engine).toBe("wppconnect");
  const { body } = await api.request.get("/v1/sessions").set(user.bearer).expect(200);
  expect(body).toEqual({ items: [session, other], next: null });
  const one = await api.request.get(pathOf(session)).set(user.bearer).expect(200);
  expect(one.body).toMatchObject(session);
});

test("returns a session with its owner, health and history", async ({ api }) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  const generation = await recordStatus(api, user, session.id, "qr");
  const health = { restarts: 1, memoryBytes: 400_000_000, lastEventAt: new Date() };
  await api.database.system.leases.renew("connector-a", [{ sessionId: session.id, generation, health }]);
  await api.database.withCompany(user.companyId, ({ sessions }) =>
    sessions.recordStatus({ sessionId: session.id, detail: "failed", reason: "browser_ended", generation }),
  );
  const { body } = await api.request.get(pathOf(session)).set(user.bearer).expect(200);
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
  const stranger = await newUser(api);
  await api.request.get(pathOf(session)).set(stranger.bearer).expect(404);
});

test("limits the number of sessions of a company", async ({ api }) => {
  const user = await newUser(api);
  await api.database.withCompany(user.companyId, async ({ sessions }) => {
    for (let i = 0; i < 100; i++) await sessions.create({ name: `${i}`, engine: "simulator" });
  });
  const { body } = await api.request.post("/v1/sessions").set(user.bearer).send({ name: "Mais" }).expect(409);
  expect(body.detail).toContain("Remove one first");
});

test("marks a connecting session as wanted and wakes the connectors", async ({ api, onTestFinished }) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  const listener = await listen(api.redis, [channels.wake, channels.commands(user.companyId)]);
  onTestFinished(listener.close);

  const { body } = await api.request.post(pathOf(session, "/connect")).set(user.bearer).expect(202);

  expect(body.id).toBe(session.id);
  expect(await listener.next()).toEqual({ channel: channels.wake, message: "1" });
  const leases = await api.database.system.leases.claim({ connectorId: "connector-a", limit: 10, holding: [] });
  expect(leases).toMatchObject([{ sessionId: session.id, isWanted: true }]);
  // No command is sent for a stopped session: the next message is that of the next request.
  await api.request.post(pathOf(session, "/disconnect")).set(user.bearer).expect(202);
  expect(await listener.next()).toEqual({ channel: channels.wake, message: "1" });
});

test("requests a new code from the owner when a session that waits for a user is connected", async ({
  api,
  onTestFinished,
}) => {
  const user = await newUser(api);
  for (const detail of ["qr_expired", "logged_out", "conflict", "failed", "action_required"] as const) {
    const session = await newSession(api, user);
    await recordStatus(api, user, session.id, detail);
    const listener = await listen(api.redis, [channels.commands(user.companyId)]);
    onTestFinished(listener.close);
    await api.request.post(pathOf(session, "/connect")).set(user.bearer).expect(202);
    expect(await listener.next()).toMatchObject({ message: { kind: "new_qr", sessionId: session.id } });
  }
});

test("publishes the status at once when a session without an owner is disconnected", async ({ api }) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  const generation = await recordStatus(api, user, session.id, "connected");
  await api.database.system.leases.release("connector-a", { sessionId: session.id, generation });

  const { body } = await api.request.post(pathOf(session, "/disconnect")).set(user.bearer).expect(202);

  expect(body).toMatchObject({ status: "disconnected", detail: "stopped" });
  const events = await eventsOf(api, user.companyId);
  expect(events).toMatchObject([
    { type: "session_status", version: body.version, data: { sessionId: session.id, status: "disconnected" } },
  ]);
});

test("sends the owner a command to unlink the phone, and rejects the logout without an owner", async ({
  api,
  onTestFinished,
}) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  const { body } = await api.request.post(pathOf(session, "/logout")).set(user.bearer).expect(409);
  expect(body.detail).toContain("Connect it first");
  await recordStatus(api, user, session.id, "connected");
  const listener = await listen(api.redis, [channels.commands(user.companyId)]);
  onTestFinished(listener.close);
  await api.request.post(pathOf(session, "/logout")).set(user.bearer).expect(202);
  expect(await listener.next()).toMatchObject({ message: { kind: "log_out", sessionId: session.id } });
});

test("unlinks the phone, stops and hides a removed session", async ({ api, onTestFinished }) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  await recordStatus(api, user, session.id, "connected");
  const listener = await listen(api.redis, [channels.wake, channels.commands(user.companyId)]);
  onTestFinished(listener.close);
  await api.request.delete(pathOf(session)).set(user.bearer).expect(204);
  expect(await listener.next()).toMatchObject({ message: { kind: "log_out", sessionId: session.id } });
  expect(await listener.next()).toEqual({ channel: channels.wake, message: "1" });
  await api.request.get(pathOf(session)).set(user.bearer).expect(404);
  await api.request.delete(pathOf(session)).set(user.bearer).expect(404);
});

test("returns the current QR code to managers only, until it expires", async ({ api }) => {
  const user = await newUser(api);
  const session = await newSession(api, user);
  const none = await api.request.get(pathOf(session, "/qr")).set(user.bearer).expect(404);
  expect(none.body.detail).toContain("No QR code");
  const data: DataOf<"qr_code"> = {
    sessionId: session.id,
    qrCode: "data:image/png;base64,iVBORw0KGgo=",
    expiresAt: new Date(Date.now() + 20_000).toISOString(),
    attempt: 2,
    raw: "2@abc",
    timestamp: new Date().toISOString(),
  };
  await api.publisher.publishLinkCode(
    user.companyId,
    { type: "qr_code", audience: { kind: "company" }, data },
    { sessionId: session.id, generation: 1, ttlMs: 20_000 },
  );
  const { sessionId, qrCode, expiresAt, attempt } = data;
  await api.request.get(pathOf(session, "/qr")).set(user.bearer).expect(200, { sessionId, qrCode, expiresAt, attempt });
  const agent = await newUser(api, "agent", user.companyId);
  await api.request.get(pathOf(session, "/qr")).set(agent.bearer).expect(403);
  await api.publisher.clearLinkCode(user.companyId, "qr_code", { sessionId: session.id, generation: 1 });
  await api.request.get(pathOf(session, "/qr")).set(user.bearer).expect(404);
});

test("answers 404 for actions on an unknown session", async ({ api }) => {
  const user = await newUser(api);
  for (const action of ["connect", "disconnect", "logout"])
    await api.request.post(`/v1/sessions/${randomUUID()}/${action}`).set(user.bearer).expect(404);
});
