import { describe, expect, onTestFinished } from "vitest";
import { newKey, textTo } from "../../support/recorded-events.ts";
import { ana, chatOf, isBrowser, isRenderer, test } from "../../support/wppconnect/wppconnect.ts";

describe("a fault of the connected wppconnect engine", { timeout: 300_000 }, () => {
  test("network lost: reconnects in the same browser with reason network_lost", async ({ linked }) => {
    await linked.start();
    const { events, standIn } = linked;
    await events.state("connected");
    const before = (await linked.processes()).find(({ commandLine }) => isBrowser(commandLine));
    standIn.networkDown();
    expect((await events.state("reconnecting")).reason).toBe("network_lost");
    standIn.networkUp();
    await events.state("connected");
    expect((await linked.processes()).map(({ pid }) => pid)).toContain(before?.pid);
    const states = events.states.all.map(({ detail, reason }) => [detail, reason].join(" ").trim());
    expect(states.slice(states.indexOf("connected"))).toEqual(["connected", "reconnecting network_lost", "connected"]);
  });

  test("phone offline: reconnects in the same browser with reason phone_offline", async ({ linked }) => {
    await linked.start();
    const { events, phone } = linked;
    await events.state("connected");
    const before = (await linked.processes()).find(({ commandLine }) => isBrowser(commandLine));
    phone.goOffline();
    expect((await events.state("reconnecting")).reason).toBe("phone_offline");
    phone.comeOnline();
    await events.state("connected");
    expect((await linked.processes()).map(({ pid }) => pid)).toContain(before?.pid);
  });

  test("opened elsewhere: is in conflict until the other device closes", async ({ linked }) => {
    await linked.start();
    const { events, phone } = linked;
    await events.state("connected");
    phone.stream("CONFLICT", "CONFLICT");
    expect((await events.state("conflict")).reason).toBe("opened_elsewhere");
    phone.stream("MAIN", "CONNECTED");
    await events.state("connected");
  });

  test("browser killed: fails, rejects pending calls, and the next start needs no code", async ({ linked }) => {
    const engine = await linked.start();
    await linked.events.state("connected");
    linked.phone.hold();
    const sending = engine.send({ kind: "text", waKey: newKey(), waChatId: chatOf(ana), body: "no ar" });
    const rejected = expect(sending).rejects.toMatchObject({ name: "SendError", kind: "transient" });
    await expect.poll(() => linked.phone.isHolding).toBe(true);
    await linked.kill(isBrowser);
    expect(await linked.events.state("failed")).toMatchObject({ reason: "browser_ended" });
    await rejected;
    await linked.stop();
    expect(await linked.processes()).toEqual([]);
    linked.phone.release();
    await linked.start();
    await linked.events.state("connected");
    expect(linked.events.codes.all).toEqual([]);
  });

  test("page frozen: reloads it, then fails with page_silent, and leaves no browser", async ({ linked }) => {
    await linked.start();
    await linked.events.state("connected");
    // Repeated, since a reload may use a new renderer, in which the page works again.
    const freezing = setInterval(() => void linked.kill(isRenderer, "SIGSTOP"), 200);
    onTestFinished(() => clearInterval(freezing));
    expect(await linked.events.state("failed", 100_000)).toMatchObject({ reason: "page_silent" });
    expect(linked.log).toContain("is reloaded");
    await linked.stop();
    expect(await linked.processes()).toEqual([]);
  });

  test("page crashed: fails with page_crashed, and leaves no browser", async ({ linked }) => {
    await linked.start();
    await linked.events.state("connected");
    await linked.kill(isRenderer);
    expect(await linked.events.state("failed")).toMatchObject({ reason: "page_crashed" });
    await linked.stop();
    expect(await linked.processes()).toEqual([]);
  });

  test("page reloaded: fetches the messages that arrived meanwhile, once", async ({ linked }) => {
    await linked.start();
    const { events, phone } = linked;
    await events.state("connected");
    phone.reloadPages();
    phone.receive({ from: ana, body: "durante a recarga" });
    await events.message("durante a recarga");
    phone.receive({ from: ana, body: "depois da recarga" });
    await events.message("depois da recarga");
    expect(
      events.facts.all.filter((fact) => fact.kind === "message" && fact.body === "depois da recarga"),
    ).toHaveLength(1);
  });

  test("send not acknowledged: rejects as transient, and finds the message later by its id", async ({ linked }) => {
    const engine = await linked.start({ sendMs: 500 });
    const { events, phone } = linked;
    await events.state("connected");
    phone.hold();
    const waKey = newKey();
    await expect(engine.send({ kind: "text", waKey, waChatId: chatOf(ana), body: "demorou" })).rejects.toMatchObject({
      kind: "transient",
    });
    expect(await engine.find(textTo(ana, waKey))).toBe("pending");
    phone.release();
    await events.fact("ack", (fact) => fact.waKey === waKey && fact.status === "sent");
    expect(await engine.find(textTo(ana, waKey))).toBe("accepted");
    expect(phone.sent.filter(({ key }) => key === waKey)).toHaveLength(1);
  });
});
