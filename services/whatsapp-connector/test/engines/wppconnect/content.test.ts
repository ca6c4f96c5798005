import { describe, expect, test } from "vitest";
import { Addresses } from "../../../src/engines/wppconnect/inbound/addresses.ts";
import { Facts } from "../../../src/engines/wppconnect/inbound/facts.ts";
import { VendorMessage, VendorVote } from "../../../src/engines/wppconnect/inbound/vendor.ts";

const lids: Record<string, string> = { "88123456789012@lid": "5511988887777" };
const facts = new Facts(new Addresses(async (lid) => lids[lid] ?? null));

async function read(message: object) {
  const parsed = VendorMessage.parse({ id: "false_5511988887777@c.us_3EB01", t: 1_700_000_000, ...message });
  const fact = await facts.message(parsed);
  if (fact?.kind !== "message") throw new Error("not a message");
  return fact;
}

const buttons = (...parameters: object[]) =>
  parameters.map((each) => ({ name: "quick_reply", buttonParamsJson: JSON.stringify(each) }));

describe("texts of all types", () => {
  test.each([
    ["a list reply", { type: "list_response", body: "Sim" }],
    ["a list reply without body", { type: "list_response", body: "", listResponse: { title: "Sim" } }],
    ["a button reply", { type: "buttons_response", body: "Sim" }],
    ["a template reply", { type: "template_button_reply", body: "Sim", selectedId: "1" }],
    ["an interactive reply", { type: "interactive_response", body: "Sim" }],
    ["a long text", { type: "oversized", body: "Sim" }],
  ])("%s is a text", async (_what, message) => {
    expect(await read(message)).toMatchObject({ type: "text", body: "Sim" });
  });

  test("a template has its title, text, footer and buttons", async () => {
    const hydratedButtons = [
      { index: 0, quickReplyButton: { displayText: "Confirmo", id: "1" } },
      { index: 1, urlButton: { displayText: "Abrir", url: "https://loja.example" } },
      { index: 2, callButton: { displayText: "Ligar", phoneNumber: "+551133334444" } },
    ];
    const message = { type: "chat", isFromTemplate: true, title: "Lembrete", body: "Amanhã às 9h?", footer: "Clínica" };
    expect(await read({ ...message, hydratedButtons })).toMatchObject({
      type: "text",
      body: "Lembrete\nAmanhã às 9h?\nClínica",
      content: {
        menu: {
          options: [
            { text: "Confirmo", description: null, url: null },
            { text: "Abrir", description: null, url: "https://loja.example" },
            { text: "Ligar", description: "+551133334444", url: null },
          ],
        },
      },
    });
  });

  test.each([
    [
      "in the payload",
      { caption: "Escolha", interactivePayload: { buttons: buttons({ display_text: "A" }, { display_text: "B" }) } },
    ],
    [
      "in the message",
      {
        interactiveMessage: {
          body: { text: "Escolha" },
          nativeFlowMessage: { buttons: buttons({ sections: [{ rows: [{ title: "A" }, { title: "B" }] }] }) },
        },
      },
    ],
  ])("an interactive message has its buttons: %s", async (_where, attributes) => {
    const message = await read({ type: "interactive", body: "", ...attributes });
    expect(message).toMatchObject({ type: "text", body: "Escolha" });
    expect(message.content?.menu?.options.map(({ text }) => text)).toEqual(["A", "B"]);
  });

  test("the key of a Pix payment, as wa-js sends it", async () => {
    const parameters = {
      order: { items: [{ name: "", amount: { offset: 1, value: 0 }, quantity: 0 }], status: "payment_requested" },
      total_amount: { value: 0, offset: 1 },
      payment_settings: [
        {
          type: "pix_static_code",
          pix_static_code: { key_type: "PHONE", merchant_name: "Loja", key: "+5511999990000" },
        },
        { type: "cards", cards: { enabled: false } },
      ],
      currency: "BRL",
    };
    const message = await read({
      type: "interactive",
      caption: "",
      interactivePayload: { buttons: buttons(parameters) },
    });
    expect(message).toMatchObject({ type: "text", body: "Pix: +5511999990000\nLoja" });
    expect(message.content).toMatchObject({ payment: { pixKey: "+5511999990000", pixKeyType: "PHONE", total: null } });
  });

  test("a payment has amount and note", async () => {
    const message = {
      type: "payment",
      paymentAmount1000: 10_500,
      paymentCurrency: "BRL",
      paymentNoteMsg: { body: "aluguel" },
    };
    expect(await read(message)).toMatchObject({
      type: "text",
      body: "R$ 10,50\naluguel",
      content: { payment: { total: { amount: 10.5, currency: "BRL" }, note: "aluguel" } },
    });
  });

  test("a type that is not known shows the text that it has, and never its thumbnail", async () => {
    expect(await read({ type: "hologram", body: "olá" })).toMatchObject({
      type: "unknown",
      vendorKind: "hologram",
      body: "olá",
    });
    expect(await read({ type: "hologram", title: "Título", description: "Texto" })).toMatchObject({
      body: "Título\nTexto",
    });
    for (const body of ["/9j/4AAQSkZJRg", "iVBORw0KGgoAAAANSUhEUg", "UklGRiQAAABXRUJQ"])
      expect(await read({ type: "hologram", body })).toMatchObject({ body: "" });
  });

  test("fields of unexpected shapes do not hide the rest", async () => {
    const odd = {
      list: 7,
      hydratedButtons: {},
      ctwaContext: [],
      quotedMsg: "x",
      itemCount: "two",
      mentionedJidList: null,
    };
    expect(await read({ type: "chat", body: "oi", ...odd })).toMatchObject({ type: "text", body: "oi" });
    const order = { type: "order", orderTitle: "Pedido", totalAmount1000: "many", totalCurrencyCode: 5 };
    expect(await read(order)).toMatchObject({ body: "Pedido", content: { order: { total: null, itemCount: null } } });
  });

  test.each(["pinned_message", "keep_in_chat", "poll_update", "event_response", "notification_template", "gp2"])(
    "%s is no message",
    async (type) => {
      const parsed = VendorMessage.parse({ id: "false_5511988887777@c.us_3EB01", t: 1_700_000_000, type, body: "x" });
      expect(await facts.message(parsed)).toBeUndefined();
    },
  );
});

describe("names", () => {
  test("a business without another name has its verified name", async () => {
    const names = { sender: { name: null, pushname: "\u3164" }, notifyName: "", verifiedBizName: "Correio Exemplo" };
    expect((await read({ type: "chat", body: "oi", ...names })).client?.name).toBe("Correio Exemplo");
    expect((await read({ type: "chat", body: "oi", ...names, notifyName: "Loja" })).client?.name).toBe("Loja");
  });
});

describe("quotes", () => {
  const quotedMsg = { type: "image", body: "/9j/4AAQ", caption: "a foto" };

  test.each([
    ["the client", "5511988887777@c.us", 0],
    ["the client by its LID", "88123456789012@lid", 0],
    ["the company", "5511999990000@c.us", 1],
    ["nobody known", undefined, null],
  ])("carry WhatsApp's copy, of %s", async (_who, quotedParticipant, direction) => {
    const { quoted } = await read({
      type: "chat",
      body: "essa",
      quotedStanzaID: "3EB0Q",
      quotedParticipant,
      quotedMsg,
    });
    expect(quoted).toEqual({ waKey: "3EB0Q", direction, kind: "image", body: "a foto" });
  });

  test("are found by any form of the id", async () => {
    const serialized = { quotedMsgId: "true_5511988887777@c.us_3EB0Q" };
    expect((await read({ type: "chat", body: "essa", ...serialized })).quoted).toMatchObject({
      waKey: "3EB0Q",
      direction: 1,
    });
  });
});

describe("votes", () => {
  const poll = { fromMe: true, id: "3EB0P", _serialized: "true_5511988887777@c.us_3EB0P" };
  const vote = (more: object) =>
    facts.vote(VendorVote.parse({ msgId: poll, selectedOptions: [null, { name: "Ter" }], ...more }));

  test.each([
    ["nobody named", {}, "client"],
    ["the client", { sender: "5511988887777@c.us" }, "client"],
    ["the client by its LID", { sender: { _serialized: "88123456789012@lid" } }, "client"],
    ["the company", { sender: "5511999990000@c.us" }, "company"],
  ])("of %s", async (_who, more, from) => {
    expect(await vote({ timestamp: 1_700_000_000_000, ...more })).toMatchObject({
      kind: "vote",
      waKey: "3EB0P",
      direction: 1,
      from,
      options: ["Ter"],
      timestampMs: 1_700_000_000_000,
    });
  });
});
