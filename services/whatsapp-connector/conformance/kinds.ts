import type { MessageContent } from "@syszap/contracts";
import { expect, test } from "vitest";
import { bytesOf } from "../test/support/bytes.ts";
import { ana, bia, type ConformanceSession } from "./conformance-session.ts";
import type { FileKind } from "./whatsapp-side.ts";

const files: FileKind[] = ["image", "video", "audio", "voice", "document", "sticker"];
const location = { latitude: -23.56141, longitude: -46.65588, name: "MASP", address: "Av. Paulista, 1578" };
const mother = {
  name: "Mãe",
  organisation: "Padaria São João",
  numbers: [
    { text: "+55 11 98888-7777", whatsAppNumber: "5511988887777" },
    { text: "(11) 3333-4444", whatsAppNumber: null },
  ],
};

const father = { name: "Pai", organisation: null, numbers: [{ text: "+55 21 97777-6666", whatsAppNumber: null }] };
const poll = { question: "Pizza ou sushi? 🍕", options: ["Pizza", "Sushi", "Os dois"], mostChoices: 1 };

const total = { amount: 45.9, currency: "BRL" };
/** Contents that are texts for readers who do not know their kind, with those texts. */
const texts: Record<string, { body: string; content: MessageContent }> = {
  "an order": {
    body: "Pedido 12\n2 × R$ 45,90\nSem cebola",
    content: { order: { title: "Pedido 12", items: [], itemCount: 2, total, note: "Sem cebola" } },
  },
  "a product": {
    body: "Bolo de cenoura\nR$ 45,90\nCom cobertura\nhttps://loja.example/bolo",
    content: {
      product: {
        title: "Bolo de cenoura",
        description: "Com cobertura",
        price: total,
        code: "BOLO-1",
        url: "https://loja.example/bolo",
      },
    },
  },
  "a request for payment by Pix": {
    body: "2 × Bolo · R$ 22,95\nR$ 45,90\nPix: 12345678909\nPadaria São João\n00020126580014br.gov.bcb.pix\nObrigado!",
    content: {
      payment: {
        total,
        payee: "Padaria São João",
        pixKey: "12345678909",
        pixKeyType: "CPF",
        pixCode: "00020126580014br.gov.bcb.pix",
        status: "pending",
        note: "Obrigado!",
      },
      order: {
        title: null,
        items: [{ name: "Bolo", quantity: 2, price: { amount: 22.95, currency: "BRL" } }],
        itemCount: 1,
        total,
        note: null,
      },
    },
  },
  "an event": {
    body: "Feira\n2026-12-05T12:00:00.000Z\nPraça da Sé\nTraga a família",
    content: {
      event: {
        name: "Feira",
        description: "Traga a família",
        place: "Praça da Sé",
        startsAt: "2026-12-05T12:00:00.000Z",
        endsAt: null,
        url: null,
        isCanceled: false,
      },
    },
  },
  "a menu": {
    body: "Escolha uma opção",
    content: {
      menu: {
        options: [
          { text: "Ver pedidos", description: "Os últimos", url: null },
          { text: "Falar com alguém", description: null, url: null },
        ],
      },
    },
  },
};

/** All kinds of messages. */
export function kinds(session: () => ConformanceSession): void {
  test.for(files)("emits the kind of a message with a file: %s", async (kind) => {
    const { engine, events, side } = session();
    const { waKey, bytes } = side.receiveFile({ from: ana, kind, body: `arquivo ${kind}` });
    const { media, ...message } = await events.message(`arquivo ${kind}`);
    expect(message).toMatchObject({ waKey, type: kind, direction: 0 });
    expect(message.content).toBeUndefined();
    if (!media) throw new Error("the message has no file");
    expect(await bytesOf(engine.downloadMedia(media, 10_000_000))).toEqual(Buffer.from(bytes));
  });

  test("emits a location with coordinates, name and address", async () => {
    const { events, side } = session();
    const waKey = side.receiveContent({ from: ana, content: { location }, body: "MASP\nAv. Paulista, 1578" });
    const message = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(message).toMatchObject({ type: "location", content: { location } });
    expect(message.media).toBeUndefined();
  });

  test("emits one or several contact cards with names and numbers", async () => {
    const { events, side } = session();
    for (const contacts of [[mother], [mother, father]]) {
      const body = contacts.map(({ name }) => name).join(", ");
      const waKey = side.receiveContent({ from: ana, content: { contacts }, body });
      const message = await events.fact("message", (fact) => fact.waKey === waKey);
      expect(message).toMatchObject({ type: "contact", content: { contacts }, body });
    }
  });

  test("emits a poll with question and options", async () => {
    const { events, side } = session();
    for (const mostChoices of [1, null]) {
      const waKey = side.receiveContent({
        from: ana,
        content: { poll: { ...poll, mostChoices } },
        body: poll.question,
      });
      const message = await events.fact("message", (fact) => fact.waKey === waKey);
      expect(message).toMatchObject({ type: "poll", content: { poll: { ...poll, mostChoices } }, body: poll.question });
    }
  });

  test("emits a call as a system message", async () => {
    const { events, side } = session();
    const waKey = side.receiveContent({ from: ana, content: { call: { isVideo: true } }, body: "" });
    const message = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(message).toMatchObject({ type: "system", content: { call: { isVideo: true } }, body: "" });
  });

  test.for(Object.entries(texts))(
    "emits a message with structured content as text: %s",
    async ([, { body, content }]) => {
      const { events, side } = session();
      const waKey = side.receiveContent({ from: ana, content, body });
      const message = await events.fact("message", (fact) => fact.waKey === waKey);
      expect(message).toMatchObject({ type: "text", body, content });
      expect(message.vendorKind).toBeUndefined();
    },
  );

  test("emits a live location as such", async () => {
    const { events, side } = session();
    const live = { ...location, isLive: true };
    const waKey = side.receiveContent({ from: ana, content: { location: live }, body: "MASP\nAv. Paulista, 1578" });
    const message = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(message).toMatchObject({ type: "location", content: { location: live } });
  });

  test("emits the positions of a live location, and its end", async () => {
    const { events, side } = session();
    const content = { location: { ...location, isLive: true } };
    const waKey = side.receiveContent({ from: ana, content, body: "MASP\nAv. Paulista, 1578" });
    await events.fact("message", (fact) => fact.waKey === waKey);
    side.move(waKey, { latitude: -23.5, longitude: -46.6 });
    const moved = await events.fact("location", (fact) => fact.waKey === waKey);
    expect(moved).toMatchObject({ latitude: -23.5, longitude: -46.6, hasEnded: false, direction: 0 });
    side.move(waKey, { latitude: -23.4, longitude: -46.5, hasEnded: true });
    const ended = await events.fact("location", (fact) => fact.waKey === waKey && fact.hasEnded);
    expect(ended).toMatchObject({ latitude: -23.4, longitude: -46.5, hasEnded: true });
  });

  test("emits what surrounds a text: forwards, the ad that began the chat, mentions, and the time of its disappearance", async () => {
    const { events, side } = session();
    const ad = { title: "Promoção de maio", description: "Só hoje", url: "https://fb.me/abc" };
    const mentions = [{ text: bia, number: bia }];
    for (const forwarded of ["once", "often"] as const) {
      const waKey = side.receiveWithContext({ from: ana, body: `veja @${bia}`, context: { forwarded, ad, mentions } });
      const message = await events.fact("message", (fact) => fact.waKey === waKey);
      expect(message.context).toEqual({ forwarded, ad, mentions });
    }
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const waKey = side.receiveWithContext({ from: ana, body: "some", context: { expiresAt } });
    const { context } = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(Math.abs(Date.parse(context?.expiresAt ?? "") - Date.parse(expiresAt))).toBeLessThan(60_000);
  });

  test("emits a view-once message without its file", async () => {
    const { events, side } = session();
    const waKey = side.receiveViewOnce({ from: ana });
    const message = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(message).toMatchObject({ type: "image", body: "", context: { isViewOnce: true } });
    expect(message.media).toBeUndefined();
  });

  test("names the message that another one quotes, in both directions", async () => {
    const { events, side } = session();
    const question = side.write({ to: ana, body: "Qual deles?" });
    const answer = side.receiveWithContext({ from: ana, body: "esse", quoted: question });
    expect((await events.message("esse")).quoted).toMatchObject({ waKey: question });
    side.write({ to: ana, body: "anotado", quoted: answer });
    expect(await events.message("anotado")).toMatchObject({ direction: 1, quoted: { waKey: answer } });
  });

  test("emits the client's votes in a poll that was written on the phone", async () => {
    const { events, side } = session();
    const waKey = side.write({ to: ana, body: poll.question, content: { poll } });
    expect(await events.message(poll.question)).toMatchObject({ waKey, type: "poll", direction: 1, content: { poll } });
    for (const options of [["Sushi"], ["Pizza", "Os dois"], []]) {
      side.vote(waKey, options);
      const vote = await events.fact("vote", (fact) => fact.options.length === options.length);
      expect(vote).toMatchObject({ waKey, direction: 1, from: "client", options });
    }
  });

  test("emits a message of an unknown type with WhatsApp's name of the type", async () => {
    const { events, side } = session();
    const waKey = side.receiveUnknown({ from: ana, vendorKind: "hologram" });
    const message = await events.fact("message", (fact) => fact.waKey === waKey);
    expect(message).toMatchObject({ type: "unknown", vendorKind: "hologram" });
  });
}
