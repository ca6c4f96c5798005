import { Session } from "@syszap/contracts";
import jsQRModule from "jsqr";
import { PNG } from "pngjs";
import { describe, expect } from "vitest";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { test } from "../support/test-environment.ts";

// The types declare a default export, but the CommonJS module exports an object with the function.
const jsQR = jsQRModule as unknown as (pixels: Uint8ClampedArray, width: number, height: number) => { data: string };
const textOf = (dataUrl: string) => {
  const png = PNG.sync.read(Buffer.from(dataUrl.slice(dataUrl.indexOf(",") + 1), "base64"));
  return jsQR(new Uint8ClampedArray(png.data), png.width, png.height).data;
};

describe("linking", () => {
  test("goes from starting through a code and syncing to connected, and publishes each state once", async ({
    environment,
  }) => {
    const companyId = await environment.company();
    await environment.connector("a", { env: { SIMULATOR_SCAN_AFTER_MS: "50" } });
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    const told = environment.events.all.filter(({ event }) => event.type === "session_status");
    expect(told.map(({ event }) => (event.data as { detail?: string }).detail)).toEqual([
      "stopped",
      "starting",
      "qr",
      "syncing",
      "connected",
    ]);
    const session = await environment.find(companyId, id);
    expect(Session.parse(session)).toMatchObject({ status: "connected", phoneNumber: expect.stringMatching(/^55119/) });
  });

  test("shows a readable code to session managers only, and follows each rotation", async ({ environment }) => {
    const companyId = await environment.company();
    await environment.connector("a", { env: { SIMULATOR_SCAN_AFTER_MS: "0", SIMULATOR_QR_ROTATE_MS: "800" } });
    const { id } = await environment.session(companyId);
    const first = await environment.event("qr_code");
    expect(await environment.publisher.currentLinkCode(companyId, "qr_code", id)).toEqual(first.event.data);
    const second = await environment.event("qr_code");
    expect(first.audience).toEqual({ kind: "role", roles: ["owner", "admin"] });
    for (const { event } of [first, second]) expect(textOf(event.data.qrCode)).toBe(event.data.raw);
    expect([first.event.data.attempt, second.event.data.attempt]).toEqual([1, 2]);
    expect(second.event.data.raw).not.toBe(first.event.data.raw);
  });

  test("withdraws the code when the phone is linked", async ({ environment }) => {
    const companyId = await environment.company();
    const connector = await environment.connector("a", { env: { SIMULATOR_SCAN_AFTER_MS: "0" } });
    const { id } = await environment.session(companyId);
    await environment.event("qr_code");
    await connector.phone(id, "scan");
    await environment.status(id, "connected");
    expect(await environment.publisher.currentLinkCode(companyId, "qr_code", id)).toBeUndefined();
  });

  test("ends after the last code, until a user connects it again", async ({ environment }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    engine.onStart = (listener) => listener.state("qr");
    await environment.connector("a", { ...scripted(engine), times: { session: { maxQrCodes: 3 } } });
    const session = await environment.session(companyId);
    await engine.starts.next();
    const offer = (raw: string) => engine.emit().qr({ raw, attempt: 1, expiresAt: new Date(Date.now() + 60_000) });
    for (const attempt of [1, 2, 3]) {
      offer(`2@${attempt}`);
      expect((await environment.event("qr_code")).event.data).toMatchObject({ attempt, raw: `2@${attempt}` });
    }
    offer("2@4");
    expect(await environment.status(session.id, "qr_expired")).toMatchObject({
      status: "disconnected",
      reason: "qr_not_scanned",
    });
    expect(environment.events.all.filter(({ event }) => event.type === "qr_code")).toHaveLength(3);
    await engine.stops.next();
    expect(await environment.sql("select desired_state from whatsapp_sessions where id = $1", [session.id])).toEqual([
      { desired_state: "stopped" },
    ]);
    await environment.want(session, companyId, "running");
    await engine.starts.next();
    offer("2@5");
    expect((await environment.event("qr_code")).event.data).toMatchObject({ attempt: 1, raw: "2@5" });
  });

  test("ends when the last code expires, even if the engine offers no other", async ({ environment }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    engine.onStart = (listener) => {
      listener.state("qr");
      listener.qr({ raw: "2@only", attempt: 1, expiresAt: new Date(Date.now() + 50) });
    };
    await environment.connector("a", { ...scripted(engine), times: { session: { maxQrCodes: 1 } } });
    const { id } = await environment.session(companyId);
    await environment.status(id, "qr_expired");
  });

  test("starts counting codes again when a user requests a new one", async ({ environment }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    const offer = (raw: string) => engine.emit().qr({ raw, attempt: 1, expiresAt: new Date(Date.now() + 60_000) });
    engine.onStart = (listener) => {
      listener.state("qr");
      offer(`2@start ${engine.starts.all.length}`);
    };
    await environment.connector("a", scripted(engine));
    const { id } = await environment.session(companyId);
    await environment.event("qr_code");
    offer("2@rotated");
    expect((await environment.event("qr_code")).event.data.attempt).toBe(2);
    await environment.status(id, "qr");
    await environment.publisher.command(companyId, { kind: "new_qr", sessionId: id });
    expect((await environment.event("qr_code")).event.data).toMatchObject({ attempt: 1, raw: "2@start 2" });
  });

  test("ends with a log-out: unlinked, stopped, and with a code at the next start", async ({ environment }) => {
    const companyId = await environment.company();
    const connector = await environment.connector("a", { env: { SIMULATOR_SCAN_AFTER_MS: "0" } });
    const session = await environment.session(companyId);
    await environment.event("qr_code");
    await connector.phone(session.id, "scan");
    await environment.status(session.id, "connected");
    await environment.publisher.command(companyId, { kind: "log_out", sessionId: session.id });
    await environment.status(session.id, "logged_out");
    await environment.want(session, companyId, "running");
    await environment.event("qr_code");
  });
});

describe("an engine that fails", () => {
  const quick = { restart: { firstMs: 1, maxMs: 2 }, maxRestarts: 2 };

  test("is restarted, and the reason is published meanwhile", async ({ environment }) => {
    const companyId = await environment.company();
    const connector = await environment.connector("a", { times: { session: quick } });
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    await connector.phone(id, "crash", { reason: "browser_ended" });
    expect(await environment.status(id, "reconnecting")).toMatchObject({
      status: "connecting",
      reason: "browser_ended",
    });
    await environment.status(id, "connected");
  });

  test("too often ends the session as failed, with the reason", async ({ environment }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    engine.onStart = () => {
      throw new Error("no browser here");
    };
    await environment.connector("a", { ...scripted(engine), times: { session: quick } });
    const { id } = await environment.session(companyId);
    expect(await environment.status(id, "failed")).toMatchObject({
      status: "disconnected",
      reason: "engine_not_started",
    });
    expect(engine.starts.all).toHaveLength(3);
    expect(await environment.sql("select desired_state from whatsapp_sessions where id = $1", [id])).toEqual([
      { desired_state: "stopped" },
    ]);
  });

  test("that this connector does not support ends the session as failed, with the reason", async ({ environment }) => {
    const companyId = await environment.company();
    await environment.connector("a", { engines: {} });
    const { id } = await environment.session(companyId);
    expect((await environment.status(id, "failed")).reason).toBe("engine_unknown");
  });
});
