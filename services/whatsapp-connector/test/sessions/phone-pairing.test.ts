import { expect } from "vitest";
import type { EngineListener } from "../../src/engines/contract/engine.ts";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { test, type World } from "../support/world.ts";

const number = "5511977776666";
const unscanned = { env: { SIMULATOR_SCAN_AFTER_MS: "0" } };

const wantPhone = (world: World, companyId: string, sessionId: string, phoneNumber: string) =>
  world.db.withCompany(companyId, ({ sessions }) => sessions.setPairingNumber(sessionId, phoneNumber));

test("shows session managers a pairing code for the phone number, links the phone, and withdraws the code", async ({
  world,
}) => {
  const companyId = await world.company();
  const connector = await world.connector("a", unscanned);
  const session = await world.session(companyId, { isRunning: false });
  await wantPhone(world, companyId, session.id, number);
  await world.want(session, companyId, "running");
  const { audience, event } = await world.event("pairing_code");
  expect(audience).toEqual({ kind: "role", roles: ["owner", "admin"] });
  expect(event.data).toMatchObject({ sessionId: session.id, phoneNumber: number, attempt: 1 });
  expect(await world.publisher.currentLinkCode(companyId, "pairing_code", session.id)).toEqual(event.data);
  await connector.phone(session.id, "type-code", { code: event.data.pairingCode, phoneNumber: number });
  await world.status(session.id, "connected");
  expect(await world.find(companyId, session.id)).toMatchObject({ phoneNumber: number });
  expect(await world.publisher.currentLinkCode(companyId, "pairing_code", session.id)).toBeUndefined();
  expect(await world.sql("select pairing_number from whatsapp_sessions")).toEqual([{ pairing_number: null }]);
});

test("shows a pairing code at once when a number is entered, and keeps the QR code", async ({ world }) => {
  const companyId = await world.company();
  await world.connector("a", unscanned);
  const { id: sessionId } = await world.session(companyId);
  const qr = await world.event("qr_code");
  await world.status(sessionId, "qr");
  await wantPhone(world, companyId, sessionId, number);
  await world.publisher.command(companyId, { kind: "pair_by_phone", sessionId });
  expect((await world.event("pairing_code")).event.data).toMatchObject({ phoneNumber: number });
  expect(await world.publisher.currentLinkCode(companyId, "qr_code", sessionId)).toEqual(qr.event.data);
});

test("publishes the refusal of a number as the reason, and keeps the QR code", async ({ world }) => {
  const companyId = await world.company();
  await world.connector("a", unscanned);
  const session = await world.session(companyId, { isRunning: false });
  await wantPhone(world, companyId, session.id, "5511900000000");
  await world.want(session, companyId, "running");
  const { event } = await world.event("session_status", ({ data }) => data.reason === "pairing_refused");
  expect(event.data).toMatchObject({ status: "qr", detail: "qr" });
  await wantPhone(world, companyId, session.id, number);
  await world.publisher.command(companyId, { kind: "pair_by_phone", sessionId: session.id });
  await world.event("pairing_code");
  await expect.poll(() => world.find(companyId, session.id)).toMatchObject({ detail: "qr", reason: null });
});

test("ends the session when no pairing code is used, also after the last QR code", async ({ world }) => {
  const companyId = await world.company();
  const engine = new ScriptedEngine();
  const soon = () => new Date(Date.now() + 60_000);
  engine.onStart = (listener) => listener.state("qr");
  await world.connector("a", { ...scripted(engine), times: { session: { maxQrCodes: 1, maxPairingCodes: 2 } } });
  const session = await world.session(companyId, { isRunning: false });
  await wantPhone(world, companyId, session.id, number);
  await world.want(session, companyId, "running");
  await engine.calls.next(({ what }) => what === "pairByPhone");
  for (const raw of ["2@1", "2@2"]) engine.say().qr({ raw, attempt: 1, expiresAt: soon() });
  for (const code of ["AAAA1111", "BBBB2222"]) {
    engine.say().pairingCode({ code, attempt: 1, expiresAt: soon() });
    expect((await world.event("pairing_code")).event.data).toMatchObject({ pairingCode: code });
  }
  engine.say().pairingCode({ code: "CCCC3333", attempt: 3, expiresAt: soon() });
  expect(await world.status(session.id, "qr_expired")).toMatchObject({ reason: "pairing_code_not_entered" });
});

test("unlinks a phone that is connected in another company's session, and forwards or sends nothing of it", async ({
  world,
}) => {
  world.takeJobs();
  const [first, second] = [await world.company(), await world.company()];
  const engines: Record<string, ScriptedEngine> = { [first]: new ScriptedEngine(), [second]: new ScriptedEngine() };
  const create = (context: Parameters<ScriptedEngine["create"]>[0]) => {
    const engine = engines[context.companyId];
    if (!engine) throw new Error("no such company");
    return engine.create(context);
  };
  const connected = (listener: EngineListener) => listener.state("connected", { phoneNumber: number });
  for (const engine of Object.values(engines)) engine.onStart = connected;
  await world.connector("a", { engines: { simulator: create } });
  const holder = await world.session(first);
  await world.status(holder.id, "connected");

  const newcomer = engines[second];
  if (!newcomer) throw new Error("no engine");
  const message = (waKey: string) => ({
    ...({ kind: "message", waKey, waChatId: "5511960001842@c.us", direction: 0, type: "text", body: waKey } as const),
    ...{ client: { number: "5511960001842", name: "Bia" }, timestampMs: Date.now(), isHistory: false },
  });
  newcomer.onStart = (listener) => {
    listener.state("qr");
    listener.qr({ raw: "2@scan me", attempt: 1, expiresAt: new Date(Date.now() + 60_000) });
    listener.fact(message("DOUBLED"));
    connected(listener);
  };
  const { id } = await world.session(second, { isRunning: false });
  const { queue } = await world.chat(second, id);
  await queue("never from here");
  await world.want(await sessionOf(world, second, id), second, "running");
  expect(await world.status(id, "failed")).toMatchObject({ reason: "number_in_use" });
  expect(newcomer.calls.all.filter(({ what }) => what === "logOut")).toHaveLength(1);
  expect(newcomer.asked.all).toEqual([]);
  expect(world.heard.all.some(({ event }) => event.type === "session_status" && isConnected(event.data, id))).toBe(
    false,
  );

  engines[first]?.say().fact(message("BARRIER"));
  expect((await world.job("message")).data).toMatchObject({ waKey: "BARRIER" });
  expect(await world.find(first, holder.id)).toMatchObject({ status: "connected" });
});

test("keeps the link of a phone that was linked here before and is connected elsewhere now", async ({ world }) => {
  const companyId = await world.company();
  const engine = new ScriptedEngine();
  engine.onStart = (listener) => listener.state("connected", { phoneNumber: number });
  await world.connector("a", scripted(engine));
  const holder = await world.session(companyId);
  await world.status(holder.id, "connected");
  const other = await world.session(companyId);
  expect(await world.status(other.id, "failed")).toMatchObject({ reason: "number_in_use" });
  expect(engine.calls.all.filter(({ what }) => what === "logOut")).toEqual([]);
  await world.want(holder, companyId, "stopped");
  await world.status(holder.id, "stopped");
  await world.want(other, companyId, "running");
  await world.status(other.id, "connected");
});

const isConnected = (data: object, sessionId: string) =>
  "sessionId" in data && data.sessionId === sessionId && "status" in data && data.status === "connected";
async function sessionOf(world: World, companyId: string, id: string) {
  const session = await world.find(companyId, id);
  if (!session) throw new Error("no such session");
  return session;
}
