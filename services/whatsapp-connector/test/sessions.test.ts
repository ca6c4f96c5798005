import { Session } from "@syszap/contracts";
import jsQRModule from "jsqr";
import { PNG } from "pngjs";
import { describe, expect } from "vitest";
import { ScriptedEngine } from "./support/scripted-engine.ts";
import { test, type World } from "./support/world.ts";

// Its types say `export default`, its CommonJS module is the function's wrapper.
const jsQR = jsQRModule as unknown as (pixels: Uint8ClampedArray, width: number, height: number) => { data: string };
const textOf = (dataUrl: string) => {
  const png = PNG.sync.read(Buffer.from(dataUrl.slice(dataUrl.indexOf(",") + 1), "base64"));
  return jsQR(new Uint8ClampedArray(png.data), png.width, png.height).data;
};
const scripted = (engine: ScriptedEngine) => ({ engines: { simulator: engine.create } });
const generationOf = async (world: World, sessionId: string) => {
  const [row] = await world.sql("select generation, owner from session_leases where session_id = $1", [sessionId]);
  return { generation: Number(row?.generation), owner: row?.owner };
};

const connectedSession = async (world: World, companyId: string, sessionId: string) => {
  await world.status(sessionId, "connected");
  return Session.parse(await world.find(companyId, sessionId));
};

describe("linking", () => {
  test("goes from starting over a code and syncing to connected, each state told once", async ({ world }) => {
    const companyId = await world.company();
    await world.connector("a", { env: { SIMULATOR_SCAN_AFTER_MS: "50" } });
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    const told = world.heard.all.filter(({ event }) => event.type === "session_status");
    expect(told.map(({ event }) => (event.data as { detail?: string }).detail)).toEqual([
      "stopped",
      "starting",
      "qr",
      "syncing",
      "connected",
    ]);
    const session = await world.find(companyId, id);
    expect(Session.parse(session)).toMatchObject({ status: "connected", phoneNumber: expect.stringMatching(/^55119/) });
  });

  test("shows only those who manage sessions a code that can be read and follows each rotation", async ({ world }) => {
    const companyId = await world.company();
    await world.connector("a", { env: { SIMULATOR_SCAN_AFTER_MS: "0", SIMULATOR_QR_ROTATE_MS: "800" } });
    const { id } = await world.session(companyId);
    const first = await world.event("qr_code");
    expect(await world.publisher.currentQr(companyId, id)).toEqual(first.event.data);
    const second = await world.event("qr_code");
    expect(first.audience).toEqual({ kind: "role", roles: ["owner", "admin"] });
    for (const { event } of [first, second]) expect(textOf(event.data.qrCode)).toBe(event.data.raw);
    expect([first.event.data.attempt, second.event.data.attempt]).toEqual([1, 2]);
    expect(second.event.data.raw).not.toBe(first.event.data.raw);
  });

  test("takes the code back once it is linked", async ({ world }) => {
    const companyId = await world.company();
    const connector = await world.connector("a", { env: { SIMULATOR_SCAN_AFTER_MS: "0" } });
    const { id } = await world.session(companyId);
    await world.event("qr_code");
    await connector.phone(id, "scan");
    await world.status(id, "connected");
    expect(await world.publisher.currentQr(companyId, id)).toBeUndefined();
  });

  test("gives up after its last code and rests until somebody asks for it again", async ({ world }) => {
    const companyId = await world.company();
    const engine = new ScriptedEngine();
    engine.onStart = (listener) => listener.state("qr");
    await world.connector("a", { ...scripted(engine), times: { session: { maxQrCodes: 3 } } });
    const session = await world.session(companyId);
    await engine.starts.next();
    const offer = (raw: string) => engine.say().qr({ raw, attempt: 1, expiresAt: new Date(Date.now() + 60_000) });
    for (const attempt of [1, 2, 3]) {
      offer(`2@${attempt}`);
      expect((await world.event("qr_code")).event.data).toMatchObject({ attempt, raw: `2@${attempt}` });
    }
    offer("2@4");
    expect(await world.status(session.id, "qr_expired")).toMatchObject({ status: "disconnected" });
    expect(world.heard.all.filter(({ event }) => event.type === "qr_code")).toHaveLength(3);
    await engine.stops.next();
    expect(await world.sql("select desired_state from whatsapp_sessions where id = $1", [session.id])).toEqual([
      { desired_state: "stopped" },
    ]);
    await world.want(session, companyId, "running");
    await engine.starts.next();
    offer("2@5");
    expect((await world.event("qr_code")).event.data).toMatchObject({ attempt: 1, raw: "2@5" });
  });

  test("gives up when its last code ran out, even if the engine offers no other", async ({ world }) => {
    const companyId = await world.company();
    const engine = new ScriptedEngine();
    engine.onStart = (listener) => {
      listener.state("qr");
      listener.qr({ raw: "2@only", attempt: 1, expiresAt: new Date(Date.now() + 50) });
    };
    await world.connector("a", { ...scripted(engine), times: { session: { maxQrCodes: 1 } } });
    const { id } = await world.session(companyId);
    await world.status(id, "qr_expired");
  });

  test("shows codes from the first one again when a person asks for a new one", async ({ world }) => {
    const companyId = await world.company();
    await world.connector("a", { env: { SIMULATOR_SCAN_AFTER_MS: "0", SIMULATOR_QR_ROTATE_MS: "200" } });
    const { id } = await world.session(companyId);
    const second = await world.event("qr_code", ({ data }) => data.attempt === 2);
    await world.publisher.command(companyId, { kind: "new_qr", sessionId: id });
    const next = await world.event(
      "qr_code",
      ({ data }) => data.attempt === 1 && data.timestamp > second.event.data.timestamp,
    );
    expect(next.event.data.raw).not.toBe(second.event.data.raw);
  });

  test("ends with a log-out: unlinked, at rest, and with a code at the next start", async ({ world }) => {
    const companyId = await world.company();
    const connector = await world.connector("a", { env: { SIMULATOR_SCAN_AFTER_MS: "0" } });
    const session = await world.session(companyId);
    await world.event("qr_code");
    await connector.phone(session.id, "scan");
    await world.status(session.id, "connected");
    await world.publisher.command(companyId, { kind: "log_out", sessionId: session.id });
    await world.status(session.id, "logged_out");
    await world.want(session, companyId, "running");
    await world.event("qr_code");
  });
});

describe("who runs a session", () => {
  test("is one connector, and a clean stop hands it over at once without a new code", async ({ world }) => {
    const companyId = await world.company();
    const connectors = { a: await world.connector("a"), b: await world.connector("b") };
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    const first = await generationOf(world, id);
    const [owner, other] = first.owner === "a" ? (["a", "b"] as const) : (["b", "a"] as const);
    await expect(connectors[other].phone(id, "typing", { from: "5511960001842", state: "paused" })).rejects.toThrow(
      "404",
    );

    await connectors[owner].stop();
    await world.publisher.wake();
    await world.status(id, "reconnecting");
    await world.status(id, "starting");
    await world.status(id, "connected");
    expect(await generationOf(world, id)).toEqual({ generation: first.generation + 1, owner: other });
    expect(await connectors[other].phone(id, "typing", { from: "5511960001842", state: "paused" })).toEqual({});
  });

  test("changes when a lease ran out, and what the old owner still says is refused", async ({ world }) => {
    const companyId = await world.company();
    const [old, next] = [new ScriptedEngine(), new ScriptedEngine()];
    // The old owner does not renew any more, as a process that hangs; its own clock has not told it yet.
    await world.connector("old", { ...scripted(old), times: { manager: { renewEveryMs: 3_600_000 } } });
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    await world.expireLease(id);

    await world.connector("next", { ...scripted(next), times: { lease: { trustAfterMs: 0 } } });
    await world.status(id, "starting");
    await world.status(id, "connected");
    old.say().state("conflict");
    old.say().qr({ raw: "2@old", attempt: 1, expiresAt: new Date(Date.now() + 60_000) });
    next.say().state("syncing");
    await world.status(id, "syncing");
    const states = world.heard.all.map(({ event }) => (event.data as { detail?: string }).detail);
    expect(states).not.toContain("conflict");
    expect(world.heard.all.some(({ event }) => event.type === "qr_code")).toBe(false);
    expect(await generationOf(world, id)).toMatchObject({ owner: "next" });
  });

  test("stays the same while Postgres has not answered the claimer long enough to know better", async ({ world }) => {
    const companyId = await world.company();
    const [old, next] = [new ScriptedEngine(), new ScriptedEngine()];
    await world.connector("old", { ...scripted(old), times: { manager: { renewEveryMs: 3_600_000 } } });
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    await world.expireLease(id);
    await world.connector("next", scripted(next));
    const barrier = await world.session(companyId);
    await world.status(barrier.id, "connected");
    expect(await generationOf(world, id)).toMatchObject({ owner: "gone", generation: 1 });
  });

  test("is taken over after a kill, without a new code, once its lease ran out", async ({ world }) => {
    const companyId = await world.company();
    const killed = await world.process("killed");
    const { id } = await world.session(companyId);
    const { phoneNumber } = await connectedSession(world, companyId, id);
    await killed.kill();
    await world.expireLease(id);
    await world.connector("next", { times: { lease: { trustAfterMs: 0 } } });
    await world.status(id, "starting");
    expect(await connectedSession(world, companyId, id)).toMatchObject({ phoneNumber });
    expect(world.heard.all.filter(({ event }) => event.type === "qr_code").length).toBeLessThanOrEqual(1);
    expect(await generationOf(world, id)).toEqual({ owner: "next", generation: 2 });
  });

  test("is the same connector at once when it comes back after a kill", async ({ world }) => {
    const companyId = await world.company();
    const killed = await world.process("a");
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    await killed.kill();
    await world.connector("a");
    await world.status(id, "starting");
    await world.status(id, "connected");
    expect(await generationOf(world, id)).toEqual({ owner: "a", generation: 2 });
  });

  test("learns within a renewal that another one has it, and stops its engine", async ({ world }) => {
    const companyId = await world.company();
    const engine = new ScriptedEngine();
    await world.connector("a", { ...scripted(engine), times: { manager: { renewEveryMs: 50 } } });
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    await world.sql(
      "update session_leases set owner = 'b', generation = generation + 1, lease_until = now() + interval '1 hour' where session_id = $1",
      [id],
    );
    await engine.stops.next();
    expect((await world.find(companyId, id))?.detail).toBe("connected"); // the new owner's to say
  });

  test("stops when nobody wants it to run any more", async ({ world }) => {
    const companyId = await world.company();
    const engine = new ScriptedEngine();
    await world.connector("a", scripted(engine));
    const session = await world.session(companyId);
    await world.status(session.id, "connected");
    await world.want(session, companyId, "stopped");
    await engine.stops.next();
    await world.status(session.id, "stopped");
  });

  test("never runs more sessions than it may", async ({ world }) => {
    const companyId = await world.company();
    const engine = new ScriptedEngine();
    await world.connector("a", { ...scripted(engine), env: { MAX_SESSIONS: "2" } });
    const sessions = [await world.session(companyId), await world.session(companyId), await world.session(companyId)];
    const [first] = [await engine.starts.next(), await engine.starts.next()];
    expect(engine.starts.all).toHaveLength(2);
    const session = sessions.find(({ id }) => id === first?.sessionId);
    if (!session) throw new Error("an unknown session was started");
    await world.want(session, companyId, "stopped");
    const third = await engine.starts.next();
    expect(new Set(engine.starts.all.map(({ sessionId }) => sessionId)).size).toBe(3);
    expect(third.sessionId).not.toBe(session.id);
  });
});

describe("an engine that breaks", () => {
  const quick = { restart: { firstMs: 1, mostMs: 2 }, maxRestarts: 2 };

  test("is started again, and the reason is told meanwhile", async ({ world }) => {
    const companyId = await world.company();
    const connector = await world.connector("a", { times: { session: quick } });
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    await connector.phone(id, "crash", { reason: "the browser is gone" });
    expect(await world.status(id, "reconnecting")).toMatchObject({
      status: "connecting",
      reason: "the browser is gone",
    });
    await world.status(id, "connected");
  });

  test("too often ends as failed, with the reason, at rest", async ({ world }) => {
    const companyId = await world.company();
    const engine = new ScriptedEngine();
    engine.onStart = () => {
      throw new Error("no browser here");
    };
    await world.connector("a", { ...scripted(engine), times: { session: quick } });
    const { id } = await world.session(companyId);
    expect(await world.status(id, "failed")).toMatchObject({ status: "disconnected", reason: "no browser here" });
    expect(engine.starts.all).toHaveLength(3);
    expect(await world.sql("select desired_state from whatsapp_sessions where id = $1", [id])).toEqual([
      { desired_state: "stopped" },
    ]);
  });

  test("that this connector does not know ends as failed and says so", async ({ world }) => {
    const companyId = await world.company();
    await world.connector("a", { engines: {} });
    const { id } = await world.session(companyId);
    expect((await world.status(id, "failed")).reason).toContain('engine "simulator"');
  });
});
