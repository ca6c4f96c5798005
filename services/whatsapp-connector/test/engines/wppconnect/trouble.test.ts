import { describe, expect, onTestFinished } from "vitest";
import { newKey, textTo } from "../../support/recorded-events.ts";
import { ana, chatOf, isBrowser, isRenderer, test } from "../../support/wppconnect/wppconnect.ts";

/** What befalls a session that was connected: each by a state and a reason of its own. */
describe("the wppconnect engine in trouble", { timeout: 120_000 }, () => {
  test("without a network is reconnecting for that reason, in the same browser, until it is back", async ({
    linked,
  }) => {
    await linked.start();
    const { heard, standIn } = linked;
    await heard.state("connected");
    const before = (await linked.processes()).find(({ commandLine }) => isBrowser(commandLine));
    standIn.networkDown();
    expect((await heard.state("reconnecting")).reason).toBe("network_lost");
    standIn.networkUp();
    await heard.state("connected");
    expect((await linked.processes()).map(({ pid }) => pid)).toContain(before?.pid);
    const told = heard.states.all.map(({ detail, reason }) => [detail, reason].join(" ").trim());
    expect(told.slice(told.indexOf("connected"))).toEqual(["connected", "reconnecting network_lost", "connected"]);
  });

  test("whose phone is not connected is reconnecting for that reason, in the same browser, until it is back", async ({
    linked,
  }) => {
    await linked.start();
    const { heard, phone } = linked;
    await heard.state("connected");
    const before = (await linked.processes()).find(({ commandLine }) => isBrowser(commandLine));
    phone.goOffline();
    expect((await heard.state("reconnecting")).reason).toBe("phone_offline");
    phone.comeOnline();
    await heard.state("connected");
    expect((await linked.processes()).map(({ pid }) => pid)).toContain(before?.pid);
  });

  test("whose link was opened elsewhere is in conflict, and connected again when it is given back", async ({
    linked,
  }) => {
    await linked.start();
    const { heard, phone } = linked;
    await heard.state("connected");
    phone.stream("CONFLICT", "CONFLICT");
    expect((await heard.state("conflict")).reason).toBe("opened_elsewhere");
    phone.stream("MAIN", "CONNECTED");
    await heard.state("connected");
  });

  test("a killed browser is told at once, what was asked of it is refused, and the next start needs no code", async ({
    linked,
  }) => {
    const engine = await linked.start();
    await linked.heard.state("connected");
    linked.phone.hold();
    const sending = engine.send({ kind: "text", waKey: newKey(), waChatId: chatOf(ana), body: "no ar" });
    const refused = expect(sending).rejects.toMatchObject({ name: "SendError", kind: "transient" });
    await expect.poll(() => linked.phone.isHolding).toBe(true);
    const killedAt = performance.now();
    await linked.kill(isBrowser);
    expect(await linked.heard.state("failed")).toMatchObject({ reason: "browser_ended" });
    await refused;
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    await linked.stop();
    expect(await linked.processes()).toEqual([]);
    linked.phone.release();
    await linked.start();
    await linked.heard.state("connected");
    expect(linked.heard.codes.all).toEqual([]);
  });

  test("a frozen page is loaded again, then told by a reason of its own, and nothing of its browser is left", async ({
    linked,
  }) => {
    await linked.start();
    await linked.heard.state("connected");
    // Again and again: a reload may go to a renderer that was started meanwhile, and then the page is well again.
    const freezing = setInterval(() => void linked.kill(isRenderer, "SIGSTOP"), 200);
    onTestFinished(() => clearInterval(freezing));
    expect(await linked.heard.state("failed", 100_000)).toMatchObject({ reason: "page_silent" });
    expect(linked.log).toContain("is loaded again");
    await linked.stop();
    expect(await linked.processes()).toEqual([]);
  });

  test("a crashed page is told, and nothing of its browser is left", async ({ linked }) => {
    await linked.start();
    await linked.heard.state("connected");
    await linked.kill(isRenderer);
    expect(await linked.heard.state("failed")).toMatchObject({ reason: "page_crashed" });
    await linked.stop();
    expect(await linked.processes()).toEqual([]);
  });

  test("a message that arrives while the page reloads is found by reconciliation", async ({ linked }) => {
    await linked.start();
    const { heard, phone } = linked;
    await heard.state("connected");
    phone.reloadPages();
    phone.receive({ from: ana, body: "durante a recarga" });
    await heard.message("durante a recarga");
    phone.receive({ from: ana, body: "depois da recarga" });
    await heard.message("depois da recarga");
    expect(heard.facts.all.filter((fact) => fact.kind === "message" && fact.body === "depois da recarga")).toHaveLength(
      1,
    );
  });

  test("a message that WhatsApp does not answer for is of unknown fate, and found later under its id", async ({
    linked,
  }) => {
    const engine = await linked.start({ sendMs: 500 });
    const { heard, phone } = linked;
    await heard.state("connected");
    phone.hold();
    const waKey = newKey();
    await expect(engine.send({ kind: "text", waKey, waChatId: chatOf(ana), body: "demorou" })).rejects.toMatchObject({
      kind: "transient",
    });
    expect(await engine.find(textTo(ana, waKey))).toBe("pending");
    phone.release();
    await heard.fact("ack", (fact) => fact.waKey === waKey && fact.status === "sent");
    expect(await engine.find(textTo(ana, waKey))).toBe("accepted");
    expect(phone.sent.filter(({ key }) => key === waKey)).toHaveLength(1);
  });
});
