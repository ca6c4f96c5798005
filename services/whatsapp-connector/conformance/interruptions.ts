import { expect, test } from "vitest";
import { newKey } from "../test/support/recorded-events.ts";
import { ana, type ConformanceSession, chatOf } from "./conformance-session.ts";

/** Lost connections, conflicts and restarts. */
export function interruptions(session: () => ConformanceSession): void {
  test("after a lost connection, missed messages arrive once and pending messages are sent once", async () => {
    const { engine, events, side } = session();
    const connected = events.states.all.length;
    const message = { kind: "text" as const, waKey: newKey(), waChatId: chatOf(ana), body: "durante a queda, daqui" };
    side.networkDown();
    const sending = engine.send(message).then(
      () => "sent",
      (err: { kind?: string }) => err.kind,
    );
    expect((await events.state("reconnecting")).reason).toBe("network_lost");
    await expect(engine.send({ ...message, waKey: newKey() })).rejects.toMatchObject({ kind: "transient" });
    const missed = side.receive({ from: ana, body: "durante a queda, de lá" });
    side.networkUp();
    await events.state("connected");
    expect((await events.message("durante a queda, de lá")).waKey).toBe(missed);
    expect(["sent", "transient"]).toContain(await sending);
    if ((await engine.find(message)) === "absent") await engine.send(message);
    await expect.poll(() => engine.find(message)).toBe("accepted");

    side.receive({ from: ana, body: "barreira depois da queda" });
    await events.message("barreira depois da queda");
    expect(events.facts.all.filter((fact) => fact.kind === "message" && fact.waKey === missed)).toHaveLength(1);
    expect(side.sent.filter(({ waKey }) => waKey === message.waKey)).toHaveLength(1);
    expect(events.states.all.slice(connected).map(({ detail }) => detail)).toEqual(["reconnecting", "connected"]);
  });

  test("emits a conflict when another device takes over, and the return", async () => {
    const { events, side } = session();
    side.takeOver();
    expect((await events.state("conflict")).reason).toBe("opened_elsewhere");
    side.giveBack();
    await events.state("connected");
  });

  test("emits an offline phone with its own reason, and its return", async () => {
    const { engine, events, side } = session();
    side.phoneAway();
    expect((await events.state("reconnecting")).reason).toBe("phone_offline");
    const message = { kind: "text" as const, waKey: newKey(), waChatId: chatOf(ana), body: "telefone longe" };
    await expect(engine.send(message)).rejects.toMatchObject({ kind: "transient" });
    side.phoneBack();
    await events.state("connected");
  });

  test("leaves no process after a stop, and needs no code for the next start", async () => {
    const phoneNumber = session().events.states.all.findLast(({ detail }) => detail === "connected")?.phoneNumber;
    await session().stop();
    expect(await session().side.remains()).toEqual([]);
    await session().start();
    const { engine, events, side } = session();
    expect(await events.state("connected")).toMatchObject({ phoneNumber });
    expect(events.codes.all).toEqual([]);
    side.receive({ from: ana, body: "depois de reiniciar" });
    await events.message("depois de reiniciar");
    await engine.send({ kind: "text", waKey: newKey(), waChatId: chatOf(ana), body: "também" });
    expect(side.sent.at(-1)?.body).toBe("também");
  });
}
