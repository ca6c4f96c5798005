import { expect, test } from "vitest";
import { newKey } from "../test/support/recorded-events.ts";
import { ana, type Bench, chatOf } from "./bench.ts";

/** The line is lost, the link is taken over, the engine is restarted. */
export function interruptions(bench: () => Bench): void {
  test("a lost line is told; what came meanwhile arrives once, and what was being sent goes out once", async () => {
    const { engine, heard, side } = bench();
    const connected = heard.states.all.length;
    const message = { kind: "text" as const, waKey: newKey(), waChatId: chatOf(ana), body: "durante a queda, daqui" };
    side.networkDown();
    const sending = engine.send(message).then(
      () => "sent",
      (err: { kind?: string }) => err.kind,
    );
    expect((await heard.state("reconnecting")).reason).toBe("network_lost");
    await expect(engine.send({ ...message, waKey: newKey() })).rejects.toMatchObject({ kind: "transient" });
    const missed = side.receive({ from: ana, body: "durante a queda, de lá" });
    side.networkUp();
    await heard.state("connected");
    expect((await heard.message("durante a queda, de lá")).waKey).toBe(missed);
    expect(["sent", "transient"]).toContain(await sending);
    if ((await engine.find(message)) === "absent") await engine.send(message);
    await expect.poll(() => engine.find(message)).toBe("accepted");

    side.receive({ from: ana, body: "barreira depois da queda" });
    await heard.message("barreira depois da queda");
    expect(heard.facts.all.filter((fact) => fact.kind === "message" && fact.waKey === missed)).toHaveLength(1);
    expect(side.sent.filter(({ waKey }) => waKey === message.waKey)).toHaveLength(1);
    expect(heard.states.all.slice(connected).map(({ detail }) => detail)).toEqual(["reconnecting", "connected"]);
  });

  test("a link that another device took over is told, and so is its return", async () => {
    const { heard, side } = bench();
    side.takeOver();
    expect((await heard.state("conflict")).reason).toBe("opened_elsewhere");
    side.giveBack();
    await heard.state("connected");
  });

  test("a phone that is away is told from a network that is, and so is its return", async () => {
    const { engine, heard, side } = bench();
    side.phoneAway();
    expect((await heard.state("reconnecting")).reason).toBe("phone_offline");
    const message = { kind: "text" as const, waKey: newKey(), waChatId: chatOf(ana), body: "telefone longe" };
    await expect(engine.send(message)).rejects.toMatchObject({ kind: "transient" });
    side.phoneBack();
    await heard.state("connected");
  });

  test("stopping leaves nothing behind, and the next start needs no code", async () => {
    const phoneNumber = bench().heard.states.all.findLast(({ detail }) => detail === "connected")?.phoneNumber;
    await bench().stop();
    expect(await bench().side.remains()).toEqual([]);
    await bench().start();
    const { engine, heard, side } = bench();
    expect(await heard.state("connected")).toMatchObject({ phoneNumber });
    expect(heard.codes.all).toEqual([]);
    side.receive({ from: ana, body: "depois de reiniciar" });
    await heard.message("depois de reiniciar");
    await engine.send({ kind: "text", waKey: newKey(), waChatId: chatOf(ana), body: "também" });
    expect(side.sent.at(-1)?.body).toBe("também");
  });
}
