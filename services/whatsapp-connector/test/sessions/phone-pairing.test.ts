import { expect } from "vitest";
import type { EngineListener } from "../../src/engines/contract/engine.ts";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const number = "5511977776666";
const unscanned = { env: { SIMULATOR_SCAN_AFTER_MS: "0" } };

const wantPhone = (environment: TestEnvironment, companyId: string, sessionId: string, phoneNumber: string) =>
  environment.db.withCompany(companyId, ({ sessions }) => sessions.setPairingNumber(sessionId, phoneNumber));

test("shows session managers a pairing code for the phone number, links the phone, and withdraws the code", async ({
  environment,
}) => {
  const companyId = await environment.company();
  const connector = await environment.connector("a", unscanned);
  const session = await environment.session(companyId, { isRunning: false });
  await wantPhone(environment, companyId, session.id, number);
  await environment.want(session, companyId, "running");
  const { audience, event } = await environment.event("pairing_code");
  expect(audience).toEqual({ kind: "role", roles: ["owner", "admin"] });
  expect(event.data).toMatchObject({ sessionId: session.id, phoneNumber: number, attempt: 1 });
  expect(await environment.publisher.currentLinkCode(companyId, "pairing_code", session.id)).toEqual(event.data);
  await connector.phone(session.id, "type-code", { code: event.data.pairingCode, phoneNumber: number });
  await environment.status(session.id, "connected");
  expect(await environment.find(companyId, session.id)).toMatchObject({ phoneNumber: number });
  expect(await environment.publisher.currentLinkCode(companyId, "pairing_code", session.id)).toBeUndefined();
  expect(await environment.sql("select pairing_number from whatsapp_sessions")).toEqual([{ pairing_number: null }]);
});

test("shows a pairing code at once when a number is entered, and keeps the QR code", async ({ environment }) => {
  const companyId = await environment.company();
  await environment.connector("a", unscanned);
  const { id: sessionId } = await environment.session(companyId);
  const qr = await environment.event("qr_code");
  await environment.status(sessionId, "qr");
  await wantPhone(environment, companyId, sessionId, number);
  await environment.publisher.command(companyId, { kind: "pair_by_phone", sessionId });
  expect((await environment.event("pairing_code")).event.data).toMatchObject({ phoneNumber: number });
  expect(await environment.publisher.currentLinkCode(companyId, "qr_code", sessionId)).toEqual(qr.event.data);
});

test("publishes the refusal of a number as the reason, and keeps the QR code", async ({ environment }) => {
  const companyId = await environment.company();
  await environment.connector("a", unscanned);
  const session = await environment.session(companyId, { isRunning: false });
  await wantPhone(environment, companyId, session.id, "5511900000000");
  await environment.want(session, companyId, "running");
  const { event } = await environment.event("session_status", ({ data }) => data.reason === "pairing_refused");
  expect(event.data).toMatchObject({ status: "qr", detail: "qr" });
  await wantPhone(environment, companyId, session.id, number);
  await environment.publisher.command(companyId, { kind: "pair_by_phone", sessionId: session.id });
  await environment.event("pairing_code");
  await expect.poll(() => environment.find(companyId, session.id)).toMatchObject({ detail: "qr", reason: null });
});

test("ends the session when no pairing code is used, also after the last QR code", async ({ environment }) => {
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  const soon = () => new Date(Date.now() + 60_000);
  engine.onStart = (listener) => listener.state("qr");
  await environment.connector("a", { ...scripted(engine), times: { session: { maxQrCodes: 1, maxPairingCodes: 2 } } });
  const session = await environment.session(companyId, { isRunning: false });
  await wantPhone(environment, companyId, session.id, number);
  await environment.want(session, companyId, "running");
  await engine.calls.next(({ what }) => what === "pairByPhone");
  for (const raw of ["2@1", "2@2"]) engine.emit().qr({ raw, attempt: 1, expiresAt: soon() });
  for (const code of ["AAAA1111", "BBBB2222"]) {
    engine.emit().pairingCode({ code, attempt: 1, expiresAt: soon() });
    expect((await environment.event("pairing_code")).event.data).toMatchObject({ pairingCode: code });
  }
  engine.emit().pairingCode({ code: "CCCC3333", attempt: 3, expiresAt: soon() });
  expect(await environment.status(session.id, "qr_expired")).toMatchObject({ reason: "pairing_code_not_entered" });
});

test("unlinks a phone that is connected in another company's session, and forwards or sends nothing of it", async ({
  environment,
}) => {
  environment.takeJobs();
  const [first, second] = [await environment.company(), await environment.company()];
  const engines: Record<string, ScriptedEngine> = { [first]: new ScriptedEngine(), [second]: new ScriptedEngine() };
  const create = (context: Parameters<ScriptedEngine["create"]>[0]) => {
    const engine = engines[context.companyId];
    if (!engine) throw new Error("no such company");
    return engine.create(context);
  };
  const connected = (listener: EngineListener) => listener.state("connected", { phoneNumber: number });
  for (const engine of Object.values(engines)) engine.onStart = connected;
  await environment.connector("a", { engines: { simulator: create } });
  const holder = await environment.session(first);
  await environment.status(holder.id, "connected");

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
  const { id } = await environment.session(second, { isRunning: false });
  const { queue } = await environment.chat(second, id);
  await queue("never from here");
  await environment.want(await sessionOf(environment, second, id), second, "running");
  expect(await environment.status(id, "failed")).toMatchObject({ reason: "number_in_use" });
  expect(newcomer.calls.all.filter(({ what }) => what === "logOut")).toHaveLength(1);
  expect(newcomer.asked.all).toEqual([]);
  expect(
    environment.events.all.some(({ event }) => event.type === "session_status" && isConnected(event.data, id)),
  ).toBe(false);

  engines[first]?.emit().fact(message("BARRIER"));
  expect((await environment.job("message")).data).toMatchObject({ waKey: "BARRIER" });
  expect(await environment.find(first, holder.id)).toMatchObject({ status: "connected" });
});

test("keeps the link of a phone that was linked here before and is connected elsewhere now", async ({
  environment,
}) => {
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  engine.onStart = (listener) => listener.state("connected", { phoneNumber: number });
  await environment.connector("a", scripted(engine));
  const holder = await environment.session(companyId);
  await environment.status(holder.id, "connected");
  const other = await environment.session(companyId);
  expect(await environment.status(other.id, "failed")).toMatchObject({ reason: "number_in_use" });
  expect(engine.calls.all.filter(({ what }) => what === "logOut")).toEqual([]);
  await environment.want(holder, companyId, "stopped");
  await environment.status(holder.id, "stopped");
  await environment.want(other, companyId, "running");
  await environment.status(other.id, "connected");
});

const isConnected = (data: object, sessionId: string) =>
  "sessionId" in data && data.sessionId === sessionId && "status" in data && data.status === "connected";
async function sessionOf(environment: TestEnvironment, companyId: string, id: string) {
  const session = await environment.find(companyId, id);
  if (!session) throw new Error("no such session");
  return session;
}
