import { describe, expect } from "vitest";
import { newKey, textTo } from "../../support/recorded-events.ts";
import { ana, bia, chatOf, shop, test } from "../../support/wppconnect/wppconnect.ts";

describe("the wppconnect engine in a real browser", { timeout: 300_000 }, () => {
  test("fetches the messages of customers and of the phone from the time before a restart", async ({ linked }) => {
    linked.phone.receive({ from: bia, name: "Bia", body: "alguém aí?" });
    linked.phone.write({ to: ana, body: "respondi no celular" });
    await linked.start();
    await linked.events.state("connected");
    expect(await linked.events.message("alguém aí?")).toMatchObject({
      direction: 0,
      client: { number: bia, name: "Bia" },
    });
    expect(await linked.events.message("respondi no celular")).toMatchObject({
      direction: 1,
      waChatId: chatOf(ana),
      client: { number: ana, name: null },
    });
    expect(linked.events.codes.all).toEqual([]);
  });

  test("emits a new name at once, and returns null for a contact without a picture", async ({ linked }) => {
    linked.phone.receive({ from: ana, name: "Ana", body: "oi" });
    const engine = await linked.start();
    await linked.events.message("oi");
    linked.phone.rename(ana, "Ana Souza");
    expect(await linked.events.fact("contact", (fact) => fact.name === "Ana Souza")).toMatchObject({ number: ana });
    expect(await engine.fetchProfilePicture(ana)).toBeNull();
  });

  test("identifies a contact by phone number after the chat was migrated to a LID", async ({ linked }) => {
    const { phone } = linked;
    const engine = await linked.start();
    await linked.events.state("connected");
    const carla = "5531966665555";
    phone.migrate(carla, "88123456789012");
    phone.receive({ from: carla, name: "Carla", body: "oi, sou eu" });
    expect(await linked.events.message("oi, sou eu")).toMatchObject({
      waChatId: chatOf(carla),
      client: { number: carla },
    });
    const waKey = newKey();
    await engine.send({ kind: "text", waKey, waChatId: chatOf(carla), body: "oi Carla" });
    expect(phone.sent.at(-1)).toMatchObject({ key: waKey, to: carla });
    expect(await engine.find(textTo(carla, waKey))).toBe("accepted");
  });

  // After such an early reload the library's own login promise rejects although the login succeeds.
  test.for([100, 250, 400])("connects although the page reloads %i ms after the scan", async (ms, { fixture }) => {
    const phone = fixture.standIn.phone(shop, "Loja", { reloadAfterPairingMs: ms });
    phone.receive({ from: ana, body: "de antes", t: Math.floor(Date.now() / 1000) - 3_600 });
    await fixture.start();
    fixture.standIn.scan((await fixture.events.code()).raw, phone);
    expect(await fixture.events.state("connected")).toMatchObject({ phoneNumber: shop });
    await fixture.events.message("de antes");
    phone.receive({ from: ana, body: "depois da leitura" });
    await fixture.events.message("depois da leitura");
    const details = fixture.events.states.all.map(({ detail }) => detail);
    expect(details.filter((detail) => detail === "failed" || detail === "logged_out")).toEqual([]);
  });

  test("shows a code after the phone was unlinked while the engine was stopped", async ({ linked }) => {
    linked.phone.unlink();
    await linked.start();
    await linked.events.code();
    await linked.events.state("qr");
    expect(linked.events.states.all.map(({ detail }) => detail)).not.toContain("failed");
  });

  test("emits logged_out after an unlink, even if the page reloads at once", async ({ fixture }) => {
    const phone = fixture.standIn.phone(shop, "Loja", { unlinkedReloadMs: 0 });
    await fixture.start();
    fixture.standIn.scan((await fixture.events.code()).raw, phone);
    await fixture.events.state("connected");
    phone.unlink();
    expect(await fixture.events.state("logged_out")).toMatchObject({ reason: "unlinked_on_phone" });
  });

  test("emits further facts after the listener threw an error", async ({ linked }) => {
    const { phone } = linked;
    const throwing = (name: "fact" | "typing") => (payload: never) => {
      linked.events.listener[name](payload);
      throw new Error("a listener that throws");
    };
    await linked.start({}, { fact: throwing("fact"), typing: throwing("typing") });
    await linked.events.state("connected");
    for (const body of ["primeira", "segunda"]) {
      phone.receive({ from: ana, name: "Ana", body });
      const { waKey } = await linked.events.message(body);
      phone.type(ana, "composing");
      await linked.events.typing();
      phone.react(waKey, "👍");
      await linked.events.fact("reaction");
    }
  });

  test("emits a receipt that arrived while the page was loading", async ({ fixture }) => {
    const phone = fixture.standIn.phone(shop, "Loja", { deliveredMs: null, readMs: null });
    const engine = await fixture.start();
    fixture.standIn.scan((await fixture.events.code()).raw, phone);
    await fixture.events.state("connected");
    const waKey = newKey();
    await engine.send({ kind: "text", waKey, waChatId: chatOf(ana), body: "chegou?" });
    const synced = phone.next("synced");
    phone.hold(); // the reloaded page waits
    phone.reloadPages();
    await expect.poll(() => phone.openPages).toBe(0);
    phone.acknowledge(waKey, 3);
    phone.release();
    await synced;
    expect(await fixture.events.fact("ack", (fact) => fact.status === "read")).toMatchObject({ waKey });
  });
});
