import { expect } from "vitest";
import { ana, bia, test } from "../../support/wppconnect/wppconnect.ts";

test("the real library emits what WhatsApp names differently as text, and pieces of its protocol not at all", {
  timeout: 300_000,
}, async ({ linked }) => {
  const { phone } = linked;
  await linked.start();
  await linked.events.state("connected");
  phone.receive({ from: bia, type: "pinned_message", body: "" });
  const read = async (content: { type: string; body?: string; attributes?: Record<string, unknown> }) => {
    const waKey = phone.receive({ from: ana, ...content });
    return linked.events.fact("message", (fact) => fact.waKey === waKey);
  };
  expect(await read({ type: "list_response", body: "Sim" })).toMatchObject({ type: "text", body: "Sim" });
  const order = {
    orderTitle: "Pedido 12",
    itemCount: 2,
    totalAmount1000: 45_900,
    totalCurrencyCode: "BRL",
    message: "Sem cebola",
  };
  expect(await read({ type: "order", attributes: order })).toMatchObject({
    type: "text",
    body: "Pedido 12\n2 × R$ 45,90\nSem cebola",
    content: { order: { itemCount: 2, total: { amount: 45.9, currency: "BRL" }, note: "Sem cebola" } },
  });
  const business = await read({ type: "chat", body: "oi", attributes: { verifiedBizName: "Correio Exemplo" } });
  expect(business.client?.name).toBe("Correio Exemplo");
  const facts = linked.events.facts.all;
  expect(facts.filter((fact) => fact.kind === "message" && fact.client?.number === bia)).toEqual([]);
});
