import { describe, expect } from "vitest";
import { newKey, textTo } from "../../support/recorded-events.ts";
import { ana, bia, chatOf, shop, test } from "../../support/wppconnect/wppconnect.ts";

describe("the wppconnect engine in a real browser", { timeout: 120_000 }, () => {
  test("a restart brings what came meanwhile, from customers and from the phone itself", async ({ linked }) => {
    linked.phone.receive({ from: bia, name: "Bia", body: "alguém aí?" });
    linked.phone.write({ to: ana, body: "respondi no celular" });
    await linked.start();
    await linked.heard.state("connected");
    expect(await linked.heard.message("alguém aí?")).toMatchObject({
      ...{ direction: 0, client: { number: bia, name: "Bia" } },
    });
    expect(await linked.heard.message("respondi no celular")).toMatchObject({
      ...{ direction: 1, waChatId: chatOf(ana) },
      client: { number: ana, name: null },
    });
    expect(linked.heard.codes.all).toEqual([]);
  });

  test("a new name is told at once, and a person without a picture has none", async ({ linked }) => {
    linked.phone.receive({ from: ana, name: "Ana", body: "oi" });
    const engine = await linked.start();
    await linked.heard.message("oi");
    linked.phone.rename(ana, "Ana Souza");
    expect(await linked.heard.fact("contact", (fact) => fact.name === "Ana Souza")).toMatchObject({ number: ana });
    expect(await engine.fetchProfilePicture(ana)).toBeNull();
  });

  test("a customer who went over to an anonymous id is still told by the number", async ({ linked }) => {
    const { phone } = linked;
    const engine = await linked.start();
    await linked.heard.state("connected");
    const carla = "5531966665555";
    phone.migrate(carla, "88123456789012");
    phone.receive({ from: carla, name: "Carla", body: "oi, sou eu" });
    expect(await linked.heard.message("oi, sou eu")).toMatchObject({
      ...{ waChatId: chatOf(carla), client: { number: carla } },
    });
    const waKey = newKey();
    await engine.send({ kind: "text", waKey, waChatId: chatOf(carla), body: "oi Carla" });
    expect(phone.sent.at(-1)).toMatchObject({ key: waKey, to: carla });
    expect(await engine.find(textTo(carla, waKey))).toBe("accepted");
  });

  // When WhatsApp reloads its page so early, the library's own login promise rejects although the login succeeds.
  test.for([100, 250, 400])(
    "a page that is loaded again %i ms after the scan is connected all the same",
    async (ms, { bench }) => {
      const phone = bench.standIn.phone(shop, "Loja", { reloadAfterPairingMs: ms });
      phone.receive({ from: ana, body: "de antes", t: Math.floor(Date.now() / 1000) - 3_600 });
      await bench.start();
      bench.standIn.scan((await bench.heard.code()).raw, phone);
      expect(await bench.heard.state("connected")).toMatchObject({ phoneNumber: shop });
      expect(await bench.heard.message("de antes")).toMatchObject({ isHistory: true });
      phone.receive({ from: ana, body: "depois da leitura" });
      expect(await bench.heard.message("depois da leitura")).toMatchObject({ isHistory: false });
      const told = bench.heard.states.all.map(({ detail }) => detail);
      expect(told.filter((detail) => detail === "failed" || detail === "logged_out")).toEqual([]);
    },
  );

  test("a device that was taken off while nobody ran it shows a code", async ({ linked }) => {
    linked.phone.unlink();
    await linked.start();
    await linked.heard.code();
    await linked.heard.state("qr");
    expect(linked.heard.states.all.map(({ detail }) => detail)).not.toContain("failed");
  });

  test("a device that is taken off is told, however soon its page loads again", async ({ bench }) => {
    const phone = bench.standIn.phone(shop, "Loja", { unlinkedReloadMs: 0 });
    await bench.start();
    bench.standIn.scan((await bench.heard.code()).raw, phone);
    await bench.heard.state("connected");
    phone.unlink();
    expect(await bench.heard.state("logged_out")).toMatchObject({ reason: "unlinked_on_phone" });
  });

  test("a listener that throws costs no other fact", async ({ linked }) => {
    const { phone } = linked;
    const throwing = (what: "fact" | "typing") => (told: never) => {
      linked.heard.listener[what](told);
      throw new Error("a listener that throws");
    };
    await linked.start({}, { fact: throwing("fact"), typing: throwing("typing") });
    await linked.heard.state("connected");
    for (const body of ["primeira", "segunda"]) {
      phone.receive({ from: ana, name: "Ana", body });
      const { waKey } = await linked.heard.message(body);
      phone.type(ana, "composing");
      await linked.heard.typing();
      phone.react(waKey, "👍");
      await linked.heard.fact("reaction");
    }
  });

  test("a receipt that came while the page loaded is told afterwards", async ({ bench }) => {
    const phone = bench.standIn.phone(shop, "Loja", { deliveredMs: null, readMs: null });
    const engine = await bench.start();
    bench.standIn.scan((await bench.heard.code()).raw, phone);
    await bench.heard.state("connected");
    const waKey = newKey();
    await engine.send({ kind: "text", waKey, waChatId: chatOf(ana), body: "chegou?" });
    const synced = phone.next("synced");
    phone.hold(); // the page loads again, and waits
    phone.reloadPages();
    await expect.poll(() => phone.openPages).toBe(0);
    phone.acknowledge(waKey, 3);
    phone.release();
    await synced;
    expect(await bench.heard.fact("ack", (fact) => fact.status === "read")).toMatchObject({ waKey });
  });
});
