import type { Phone } from "@syszap/testing/whatsapp-web-stand-in";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { newKey } from "./support/heard.ts";
import { Bench } from "./support/wppconnect.ts";

const shop = "5511999990000";
const ana = "5511988887777";
const bia = "5521977776666";
const chatOf = (number: string) => `${number}@c.us`;

describe("the wppconnect engine in a real browser", { timeout: 120_000 }, () => {
  let bench: Bench;
  let phone: Phone;

  beforeAll(async () => {
    bench = await Bench.open();
    phone = bench.standIn.phone(shop, "Loja");
  });
  afterEach(() => bench.stop());
  afterAll(() => bench.close());

  test("a restart brings what came meanwhile, from customers and from the phone itself", async () => {
    await bench.start();
    bench.standIn.scan((await bench.heard.code()).raw, phone);
    await bench.heard.state("connected");
    await bench.stop();
    phone.receive({ from: bia, name: "Bia", body: "alguém aí?" });
    phone.write({ to: ana, body: "respondi no celular" });
    await bench.start();
    const { heard } = bench;
    await heard.state("connected");
    expect(await heard.message("alguém aí?")).toMatchObject({ direction: 0, client: { number: bia, name: "Bia" } });
    expect(await heard.message("respondi no celular")).toMatchObject({
      ...{ direction: 1, waChatId: chatOf(ana) },
      client: { number: ana, name: null },
    });
  });

  test("a new name is told at once, and a person without a picture has none", async () => {
    const engine = await bench.start();
    const { heard } = bench;
    await heard.state("connected");
    phone.rename(ana, "Ana Souza");
    expect(await heard.fact("contact", (fact) => fact.name === "Ana Souza")).toMatchObject({ number: ana });
    expect(await engine.fetchProfilePicture(ana)).toBeNull();
  });

  test("a customer who went over to an anonymous id is still told by the number", async () => {
    const engine = await bench.start();
    const { heard } = bench;
    await heard.state("connected");
    const carla = "5531966665555";
    phone.migrate(carla, "88123456789012");
    phone.receive({ from: carla, name: "Carla", body: "oi, sou eu" });
    expect(await heard.message("oi, sou eu")).toMatchObject({ waChatId: chatOf(carla), client: { number: carla } });
    const waKey = newKey();
    await engine.send({ waKey, waChatId: chatOf(carla), body: "oi Carla" });
    expect(phone.sent.at(-1)).toMatchObject({ key: waKey, to: carla });
    expect(await engine.find(chatOf(carla), waKey)).toBe("accepted");
  });

  test("a reload right after the scan does no harm, and what is older than the link is history", async () => {
    const engine = await bench.start();
    await bench.heard.state("connected");
    await engine.logOut();
    await bench.stop();
    await bench.start();
    const other = bench.standIn.phone("5511999992222", "Outra loja", { reloadAfterPairingMs: 250 });
    other.receive({ from: ana, body: "de antes", t: Math.floor(Date.now() / 1000) - 3_600 });
    bench.standIn.scan((await bench.heard.code()).raw, other);
    expect(await bench.heard.state("connected")).toMatchObject({ phoneNumber: "5511999992222" });
    expect(await bench.heard.message("de antes")).toMatchObject({ isHistory: true });
    other.receive({ from: ana, body: "depois da leitura" });
    expect(await bench.heard.message("depois da leitura")).toMatchObject({ isHistory: false });
  });

  test("no code, text or number is ever logged", async () => {
    const engine = await bench.start();
    await bench.heard.state("connected");
    await engine.logOut();
    await bench.stop();
    await bench.start();
    const { raw } = await bench.heard.code();
    expect(bench.log).toContain("WhatsApp issued a QR code");
    for (const secret of [raw, "2@", "alguém aí?", "respondi no celular", "oi Carla", ana, bia, shop]) {
      expect(bench.log).not.toContain(secret);
    }
  });
});
