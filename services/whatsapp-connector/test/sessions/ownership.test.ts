import { existsSync } from "node:fs";
import { join } from "node:path";
import { Session } from "@syszap/contracts";
import { describe, expect } from "vitest";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { test, type World } from "../support/world.ts";

const generationOf = async (world: World, sessionId: string) => {
  const [row] = await world.sql("select generation, owner from session_leases where session_id = $1", [sessionId]);
  return { generation: Number(row?.generation), owner: row?.owner };
};

const connectedSession = async (world: World, companyId: string, sessionId: string) => {
  await world.status(sessionId, "connected");
  return Session.parse(await world.find(companyId, sessionId));
};

describe("the owner of a session", () => {
  test("is one connector; an orderly stop hands the session over without a new code", async ({ world }) => {
    const companyId = await world.company();
    const times = { manager: { lookEveryMs: 3_600_000 } }; // connectors claim only when they are woken
    const connectors = { a: await world.connector("a", { times }), b: await world.connector("b", { times }) };
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    const first = await generationOf(world, id);
    const [owner, other] = first.owner === "a" ? (["a", "b"] as const) : (["b", "a"] as const);
    await expect(connectors[other].phone(id, "typing", { from: "5511960001842", state: "paused" })).rejects.toThrow(
      "404",
    );

    await connectors[owner].stop();
    await world.status(id, "reconnecting");
    await world.status(id, "starting");
    await world.status(id, "connected");
    expect(await generationOf(world, id)).toEqual({ generation: first.generation + 1, owner: other });
    expect(await connectors[other].phone(id, "typing", { from: "5511960001842", state: "paused" })).toEqual({});
  });

  test("changes when the lease expires, and events of the old owner are refused", async ({ world }) => {
    const companyId = await world.company();
    const [old, next] = [new ScriptedEngine(), new ScriptedEngine()];
    // The old owner does not renew, like a process that hangs. By its own clock the lease is still valid.
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

  test("is the newer one when two connectors act as owners: only it sends, publishes and wipes", async ({ world }) => {
    const companyId = await world.company();
    const [old, next] = [new ScriptedEngine(), new ScriptedEngine()];
    await world.connector("old", { ...scripted(old), times: { manager: { renewEveryMs: 3_600_000 } } });
    const { id } = await world.session(companyId);
    await world.status(id, "connected");
    const { chat, queue } = await world.chat(companyId, id);
    await world.expireLease(id);
    await world.connector("next", { ...scripted(next), times: { lease: { trustAfterMs: 0 } } });
    await next.starts.next();
    await world.status(id, "starting");
    await world.status(id, "connected");

    const message = await queue("bom dia");
    // Both owners act; first the engine of the old one reports that it is connected again.
    old.say().state("reconnecting");
    old.say().state("connected");
    next.say().state("reconnecting");
    next.say().state("connected");
    await next.asked.next(({ what }) => what === "send");
    await world.event("message_status", ({ data }) => data.Id === message.id && data.Status === "sent");
    expect(old.asked.all).toEqual([]);

    old.say().typing({ waChatId: chat.waChatId, state: "composing" });
    old.say().state("logged_out", { reason: "unlinked_on_phone" });
    await old.stops.next();
    next.say().typing({ waChatId: chat.waChatId, state: "recording" });
    const typing = await world.event("typing");
    expect(typing.event.data.State).toBe("recording");
    await world.publisher.wake();
    next.say().state("syncing");
    await world.status(id, "syncing");
    expect(existsSync(join(world.directory, "profiles", id))).toBe(true);
    expect(await world.find(companyId, id)).toMatchObject({ detail: "syncing" });
    const [session] = await world.sql("select desired_state from whatsapp_sessions where id = $1", [id]);
    expect(session).toEqual({ desired_state: "running" });
    expect(await generationOf(world, id)).toEqual({ owner: "next", generation: 2 });
  });

  test("does not change until Postgres has answered the claiming connector for long enough", async ({ world }) => {
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

  test("is replaced after a kill when the lease has expired, without a new code", { timeout: 40_000 }, async ({
    world,
  }) => {
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

  test("is the same connector at once when it restarts after a kill", { timeout: 40_000 }, async ({ world }) => {
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

  test("notices with the next renewal that the lease is lost, and stops its engine", async ({ world }) => {
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
    expect((await world.find(companyId, id))?.detail).toBe("connected"); // only the new owner writes the status
  });

  test("stops by its own clock when renewals fail", async ({ world }) => {
    const companyId = await world.company();
    const engine = new ScriptedEngine();
    const times = { lease: { durationMs: 45_000, safetyMs: 44_900 }, manager: { renewEveryMs: 3_600_000 } };
    await world.connector("a", { ...scripted(engine), times });
    const { id } = await world.session(companyId);
    await engine.starts.next();
    expect((await engine.stops.next()).sessionId).toBe(id);
  });

  test("keeps the lease of an engine that does not stop until it expires, so that no second engine starts", async ({
    world,
  }) => {
    const companyId = await world.company();
    const engine = new ScriptedEngine();
    let release = () => {};
    engine.onStop = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    await world.connector("a", { ...scripted(engine), times: { session: { engineStopMs: 30 } } });
    const session = await world.session(companyId);
    await world.status(session.id, "connected");
    await world.want(session, companyId, "stopped");
    await world.status(session.id, "stopped");
    await world.want(session, companyId, "running");
    const barrier = await world.session(companyId);
    await world.status(barrier.id, "connected");
    expect(await generationOf(world, session.id)).toEqual({ owner: "a", generation: 1 });
    release();
    await world.publisher.wake();
    await world.status(session.id, "starting");
  });

  test("stops a session that should not run any more", async ({ world }) => {
    const companyId = await world.company();
    const engine = new ScriptedEngine();
    await world.connector("a", scripted(engine));
    const session = await world.session(companyId);
    await world.status(session.id, "connected");
    await world.want(session, companyId, "stopped");
    await engine.stops.next();
    await world.status(session.id, "stopped");
  });

  test("never runs more sessions than its limit", async ({ world }) => {
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

  test("starts two sessions concurrently by default", async ({ world }) => {
    const companyId = await world.company();
    for (let more = 0; more < 5; more += 1) await world.session(companyId);
    for (const [name, env, atOnce] of [
      ["a", {}, 2],
      ["b", { STARTS_AT_ONCE: "3" }, 3],
    ] as const) {
      const engine = new ScriptedEngine();
      engine.onStart = () => undefined;
      const started: (() => void)[] = [];
      let [underWay, most] = [0, 0];
      engine.whileStarting = () => {
        underWay += 1;
        most = Math.max(most, underWay);
        return new Promise((resolve) => {
          started.push(() => {
            underWay -= 1;
            resolve();
          });
        });
      };
      const connector = await world.connector(name, { ...scripted(engine), env });
      const claimed = async () => (await world.sql("select 1 from session_leases where owner = $1", [name])).length;
      for (let start = 1; start <= 5; start += 1) {
        if (start > atOnce) started.shift()?.(); // frees one start
        await engine.starts.next();
        expect(await claimed()).toBe(Math.max(start, atOnce)); // sessions that cannot be started yet stay available to other connectors
      }
      expect(most).toBe(atOnce);
      for (const end of started) end();
      await connector.stop();
    }
  });
});
