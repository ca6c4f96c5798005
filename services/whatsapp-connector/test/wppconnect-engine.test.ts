import type { Phone } from "@syszap/testing/whatsapp-web-stand-in";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Bench, newKey } from "./support/wppconnect.ts";

const shop = "5511999990000";
const ana = "5511988887777";
const bia = "5521977776666";
const chatOf = (number: string) => `${number}@c.us`;
const image = Buffer.from("not really an image, but its bytes must arrive unchanged");

describe("the wppconnect engine in a real browser", { timeout: 120_000 }, () => {
  let bench: Bench;
  let phone: Phone;

  beforeAll(async () => {
    bench = await Bench.open();
    phone = bench.standIn.phone(shop, "Loja");
  });
  afterEach(() => bench.stop());
  afterAll(() => bench.close());

  test("a scanned code links the phone, texts go both ways, and nothing is left after stop", async () => {
    const engine = await bench.start();
    const { heard } = bench;
    const first = await heard.code();
    bench.standIn.rotateQrs();
    const second = await heard.code();
    expect([first.attempt, second.attempt]).toEqual([1, 2]);
    expect(() => bench.standIn.scan(first.raw, phone)).toThrow("not valid any more");
    phone.hold();
    bench.standIn.scan(second.raw, phone);
    await heard.state("syncing");
    phone.release();
    expect(await heard.state("connected")).toMatchObject({ phoneNumber: shop });
    expect(heard.states.all.map(({ detail }) => detail)).toEqual(["starting", "qr", "syncing", "connected"]);

    const waKey = phone.receive({ from: ana, name: "Ana", body: "Olá 👋\nsegunda linha" });
    expect(await heard.message("Olá 👋\nsegunda linha")).toMatchObject({
      ...{ waKey, waChatId: chatOf(ana), direction: 0, type: "text", isHistory: false },
      client: { number: ana, name: "Ana" },
    });

    const ours = newKey();
    await engine.send({ waKey: ours, waChatId: chatOf(ana), body: "Bom dia" });
    expect(phone.sent).toContainEqual({ kind: "sent", key: ours, to: ana, body: "Bom dia" });
    for (const status of ["sent", "delivered", "read"]) {
      await heard.fact("ack", (fact) => fact.waKey === ours && fact.status === status);
    }
    expect(await engine.find(chatOf(ana), ours)).toBe("accepted");
    expect(await engine.find(chatOf(ana), newKey())).toBe("absent");
    await engine.send({ waKey: ours, waChatId: chatOf(ana), body: "Bom dia" });
    expect(phone.sent).toHaveLength(1);

    await expect(engine.send({ waKey: newKey(), waChatId: "00055555555@c.us", body: "?" })).rejects.toMatchObject({
      kind: "permanent",
    });
    expect(heard.facts.all.filter((fact) => fact.kind === "message" && fact.direction === 1)).toEqual([]);

    await bench.stop();
    expect(await bench.processes()).toEqual([]);
  });

  test("a restart needs no code and brings what came meanwhile, from customers and from the phone itself", async () => {
    phone.receive({ from: bia, name: "Bia", body: "alguém aí?" });
    phone.write({ to: ana, body: "respondi no celular" });
    await bench.start();
    const { heard } = bench;
    await heard.state("connected");
    expect(heard.codes.all).toEqual([]);
    expect(await heard.message("alguém aí?")).toMatchObject({ direction: 0, client: { number: bia, name: "Bia" } });
    expect(await heard.message("respondi no celular")).toMatchObject({
      ...{ direction: 1, waChatId: chatOf(ana) },
      client: { number: ana, name: null },
    });
  });

  test("files, typing, names, pictures, edits, reactions and revocations are told as they happen", async () => {
    const engine = await bench.start();
    const { heard } = bench;
    await heard.state("connected");

    phone.receive({ from: ana, body: "a foto", media: { bytes: image, mimeType: "image/png", fileName: "foto.png" } });
    const { media, ...photo } = await heard.message("a foto");
    expect(photo).toMatchObject({ type: "image", direction: 0 });
    expect(media).toMatchObject({ mimeType: "image/png", fileName: "foto.png" });
    expect(media && Buffer.from(await engine.downloadMedia(media))).toEqual(image);

    phone.type(ana, "composing");
    expect(await heard.typing()).toEqual({ waChatId: chatOf(ana), state: "composing" });
    const [typed] = await Promise.all([phone.next("typing"), engine.setTyping(chatOf(ana), "composing")]);
    expect(typed).toMatchObject({ number: ana, state: "composing" });
    const [read] = await Promise.all([phone.next("read"), engine.markRead(chatOf(ana))]);
    expect(read.number).toBe(ana);

    phone.rename(ana, "Ana Souza");
    expect(await heard.fact("contact", (fact) => fact.name === "Ana Souza")).toMatchObject({ number: ana });
    expect(await engine.fetchProfilePicture(ana)).toBeNull();
    phone.setPicture(ana, image);
    expect(await heard.fact("contact", (fact) => fact.pictureChanged === true)).toMatchObject({ number: ana });
    expect(Buffer.from((await engine.fetchProfilePicture(ana)) ?? [])).toEqual(image);

    const waKey = phone.receive({ from: ana, body: "quero 2" });
    await heard.message("quero 2");
    const editKey = phone.edit(waKey, "quero 3");
    expect(await heard.fact("edit")).toMatchObject({ waKey, editKey, body: "quero 3", direction: 0 });
    phone.react(waKey, "👍");
    expect(await heard.fact("reaction")).toMatchObject({ waKey, emoji: "👍", from: "client" });
    phone.revoke(waKey);
    expect(await heard.fact("revoke")).toMatchObject({ waKey, direction: 0 });
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

  test("an unlinked phone ends the run, and the next one shows a code; a reload right after the scan does no harm", async () => {
    await bench.start();
    await bench.heard.state("connected");
    phone.unlink();
    expect(await bench.heard.state("logged_out")).toMatchObject({ reason: "unlinked on the phone" });
    await bench.stop();
    await bench.start();
    const other = bench.standIn.phone("5511999992222", "Outra loja", { reloadAfterPairing: true });
    other.receive({ from: ana, body: "de antes", t: Math.floor(Date.now() / 1000) - 3_600 });
    bench.standIn.scan((await bench.heard.code()).raw, other);
    expect(await bench.heard.state("connected")).toMatchObject({ phoneNumber: "5511999992222" });
    expect(await bench.heard.message("de antes")).toMatchObject({ isHistory: true });
    other.receive({ from: ana, body: "depois da leitura" });
    expect(await bench.heard.message("depois da leitura")).toMatchObject({ isHistory: false });
  });

  test("logging out unlinks the phone; no code, text or number was ever logged", async () => {
    const engine = await bench.start();
    await bench.heard.state("connected");
    await engine.logOut();
    await bench.heard.state("logged_out");
    await bench.stop();
    await bench.start();
    const { raw } = await bench.heard.code();
    expect(bench.log).toContain("WhatsApp issued a QR code");
    for (const secret of [raw, "2@", "Olá", "Bom dia", "quero 2", ana, bia, shop]) {
      expect(bench.log).not.toContain(secret);
    }
  });
});
