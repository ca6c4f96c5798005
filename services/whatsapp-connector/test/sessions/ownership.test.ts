import { existsSync } from "node:fs";
import { join } from "node:path";
import { Session } from "@syszap/contracts";
import { describe, expect } from "vitest";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const generationOf = async (environment: TestEnvironment, sessionId: string) => {
  const [row] = await environment.sql("select generation, owner from session_leases where session_id = $1", [
    sessionId,
  ]);
  return { generation: Number(row?.generation), owner: row?.owner };
};

const connectedSession = async (environment: TestEnvironment, companyId: string, sessionId: string) => {
  await environment.status(sessionId, "connected");
  return Session.parse(await environment.find(companyId, sessionId));
};

describe("the owner of a session", () => {
  test("is one connector; an orderly stop hands the session over without a new code", async ({ environment }) => {
    const companyId = await environment.company();
    const times = { manager: { lookEveryMs: 3_600_000 } }; // connectors claim only when they are woken
    const connectors = {
      a: await environment.connector("a", { times }),
      b: await environment.connector("b", { times }),
    };
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    const first = await generationOf(environment, id);
    const [owner, other] = first.owner === "a" ? (["a", "b"] as const) : (["b", "a"] as const);
    await expect(connectors[other].phone(id, "typing", { from: "5511960001842", state: "paused" })).rejects.toThrow(
      "404",
    );

    await connectors[owner].stop();
    await environment.status(id, "reconnecting");
    await environment.status(id, "starting");
    await environment.status(id, "connected");
    expect(await generationOf(environment, id)).toEqual({ generation: first.generation + 1, owner: other });
    expect(await connectors[other].phone(id, "typing", { from: "5511960001842", state: "paused" })).toEqual({});
  });

  test("changes when the lease expires, and events of the old owner are refused", async ({ environment }) => {
    const companyId = await environment.company();
    const [old, next] = [new ScriptedEngine(), new ScriptedEngine()];
    // The old owner does not renew, like a process that hangs. By its own clock the lease is still valid.
    await environment.connector("old", { ...scripted(old), times: { manager: { renewEveryMs: 3_600_000 } } });
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    await environment.expireLease(id);

    await environment.connector("next", { ...scripted(next), times: { lease: { trustAfterMs: 0 } } });
    await environment.status(id, "starting");
    await environment.status(id, "connected");
    old.emit().state("conflict");
    old.emit().qr({ raw: "2@old", attempt: 1, expiresAt: new Date(Date.now() + 60_000) });
    next.emit().state("syncing");
    await environment.status(id, "syncing");
    const states = environment.events.all.map(({ event }) => (event.data as { detail?: string }).detail);
    expect(states).not.toContain("conflict");
    expect(environment.events.all.some(({ event }) => event.type === "qr_code")).toBe(false);
    expect(await generationOf(environment, id)).toMatchObject({ owner: "next" });
  });

  test("is the newer one when two connectors act as owners: only it sends, publishes and wipes", async ({
    environment,
  }) => {
    const companyId = await environment.company();
    const [old, next] = [new ScriptedEngine(), new ScriptedEngine()];
    await environment.connector("old", { ...scripted(old), times: { manager: { renewEveryMs: 3_600_000 } } });
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    const { chat, queue } = await environment.chat(companyId, id);
    await environment.expireLease(id);
    await environment.connector("next", { ...scripted(next), times: { lease: { trustAfterMs: 0 } } });
    await next.starts.next();
    await environment.status(id, "starting");
    await environment.status(id, "connected");

    const message = await queue("bom dia");
    // Both owners act; first the engine of the old one reports that it is connected again.
    old.emit().state("reconnecting");
    old.emit().state("connected");
    next.emit().state("reconnecting");
    next.emit().state("connected");
    await next.asked.next(({ what }) => what === "send");
    await environment.event("message_status", ({ data }) => data.Id === message.id && data.Status === "sent");
    expect(old.asked.all).toEqual([]);

    old.emit().typing({ waChatId: chat.waChatId, state: "composing" });
    old.emit().state("logged_out", { reason: "unlinked_on_phone" });
    await old.stops.next();
    next.emit().typing({ waChatId: chat.waChatId, state: "recording" });
    const typing = await environment.event("typing");
    expect(typing.event.data.State).toBe("recording");
    await environment.publisher.wake();
    next.emit().state("syncing");
    await environment.status(id, "syncing");
    expect(existsSync(join(environment.directory, "profiles", id))).toBe(true);
    expect(await environment.find(companyId, id)).toMatchObject({ detail: "syncing" });
    const [session] = await environment.sql("select desired_state from whatsapp_sessions where id = $1", [id]);
    expect(session).toEqual({ desired_state: "running" });
    expect(await generationOf(environment, id)).toEqual({ owner: "next", generation: 2 });
  });

  test("does not change until Postgres has answered the claiming connector for long enough", async ({
    environment,
  }) => {
    const companyId = await environment.company();
    const [old, next] = [new ScriptedEngine(), new ScriptedEngine()];
    await environment.connector("old", { ...scripted(old), times: { manager: { renewEveryMs: 3_600_000 } } });
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    await environment.expireLease(id);
    await environment.connector("next", scripted(next));
    const barrier = await environment.session(companyId);
    await environment.status(barrier.id, "connected");
    expect(await generationOf(environment, id)).toMatchObject({ owner: "gone", generation: 1 });
  });

  test("is replaced after a kill when the lease has expired, without a new code", { timeout: 300_000 }, async ({
    environment,
  }) => {
    const companyId = await environment.company();
    const killed = await environment.process("killed");
    const { id } = await environment.session(companyId);
    const { phoneNumber } = await connectedSession(environment, companyId, id);
    await killed.kill();
    await environment.expireLease(id);
    await environment.connector("next", { times: { lease: { trustAfterMs: 0 } } });
    await environment.status(id, "starting");
    expect(await connectedSession(environment, companyId, id)).toMatchObject({ phoneNumber });
    expect(environment.events.all.filter(({ event }) => event.type === "qr_code").length).toBeLessThanOrEqual(1);
    expect(await generationOf(environment, id)).toEqual({ owner: "next", generation: 2 });
  });

  test("is the same connector at once when it restarts after a kill", { timeout: 300_000 }, async ({ environment }) => {
    const companyId = await environment.company();
    const killed = await environment.process("a");
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    await killed.kill();
    await environment.connector("a");
    await environment.status(id, "starting");
    await environment.status(id, "connected");
    expect(await generationOf(environment, id)).toEqual({ owner: "a", generation: 2 });
  });

  test("notices with the next renewal that the lease is lost, and stops its engine", async ({ environment }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    await environment.connector("a", { ...scripted(engine), times: { manager: { renewEveryMs: 50 } } });
    const { id } = await environment.session(companyId);
    await environment.status(id, "connected");
    await environment.sql(
      "update session_leases set owner = 'b', generation = generation + 1, lease_until = now() + interval '1 hour' where session_id = $1",
      [id],
    );
    await engine.stops.next();
    expect((await environment.find(companyId, id))?.detail).toBe("connected"); // only the new owner writes the status
  });

  test("stops by its own clock when renewals fail", async ({ environment }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    const times = { lease: { durationMs: 45_000, safetyMs: 44_900 }, manager: { renewEveryMs: 3_600_000 } };
    await environment.connector("a", { ...scripted(engine), times });
    const { id } = await environment.session(companyId);
    await engine.starts.next();
    expect((await engine.stops.next()).sessionId).toBe(id);
  });

  test("keeps the lease of an engine that does not stop until it expires, so that no second engine starts", async ({
    environment,
  }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    let release = () => {};
    engine.onStop = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    await environment.connector("a", { ...scripted(engine), times: { session: { engineStopMs: 30 } } });
    const session = await environment.session(companyId);
    await environment.status(session.id, "connected");
    await environment.want(session, companyId, "stopped");
    await environment.status(session.id, "stopped");
    await environment.want(session, companyId, "running");
    const barrier = await environment.session(companyId);
    await environment.status(barrier.id, "connected");
    expect(await generationOf(environment, session.id)).toEqual({ owner: "a", generation: 1 });
    release();
    await environment.publisher.wake();
    await environment.status(session.id, "starting");
  });

  test("stops a session that should not run any more", async ({ environment }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    await environment.connector("a", scripted(engine));
    const session = await environment.session(companyId);
    await environment.status(session.id, "connected");
    await environment.want(session, companyId, "stopped");
    await engine.stops.next();
    await environment.status(session.id, "stopped");
  });

  test("never runs more sessions than its limit", async ({ environment }) => {
    const companyId = await environment.company();
    const engine = new ScriptedEngine();
    await environment.connector("a", { ...scripted(engine), env: { MAX_SESSIONS: "2" } });
    const sessions = [
      await environment.session(companyId),
      await environment.session(companyId),
      await environment.session(companyId),
    ];
    const [first] = [await engine.starts.next(), await engine.starts.next()];
    expect(engine.starts.all).toHaveLength(2);
    const session = sessions.find(({ id }) => id === first?.sessionId);
    if (!session) throw new Error("an unknown session was started");
    await environment.want(session, companyId, "stopped");
    const third = await engine.starts.next();
    expect(new Set(engine.starts.all.map(({ sessionId }) => sessionId)).size).toBe(3);
    expect(third.sessionId).not.toBe(session.id);
  });

  test("starts two sessions concurrently by default", async ({ environment }) => {
    const companyId = await environment.company();
    for (let more = 0; more < 5; more += 1) await environment.session(companyId);
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
      const connector = await environment.connector(name, { ...scripted(engine), env });
      const claimed = async () =>
        (await environment.sql("select 1 from session_leases where owner = $1", [name])).length;
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
