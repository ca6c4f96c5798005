import { expect, test } from "vitest";
import { pixCodeOf } from "../../src/lib/pix-code.ts";

const payment = { total: null, payee: null, pixKey: null, pixKeyType: null, pixCode: null, status: null, note: null };

test("uses the code that WhatsApp sent", () => {
  expect(pixCodeOf({ ...payment, pixCode: "00020126...", pixKey: "a@b.c" })).toBe("00020126...");
});

test("makes a static code for a key, as in the example of the Central Bank", () => {
  const key = "123e4567-e12b-12d1-a456-426655440000";
  expect(pixCodeOf({ ...payment, pixKey: key, payee: "Fulano de Tal" })).toBe(
    `00020126580014br.gov.bcb.pix0136${key}5204000053039865802BR5913Fulano de Tal6006BRASIL62070503***63044C8E`,
  );
});

test("names amount and payee in plain letters, and shortens a long name", () => {
  const code = pixCodeOf({
    ...payment,
    ...{ pixKey: "loja@exemplo.br", payee: "Padaria São João do Ribeirão Preto Ltda" },
    total: { amount: 45.9, currency: "BRL" },
  });
  expect(code).toContain("540545.90");
  expect(code).toContain("5925Padaria Sao Joao do Ribei");
});

test("makes no code without a key, for another currency, or for a key that does not fit", () => {
  expect(pixCodeOf(payment)).toBeUndefined();
  expect(pixCodeOf({ ...payment, pixKey: "a@b.c", total: { amount: 1, currency: "USD" } })).toBeUndefined();
  expect(pixCodeOf({ ...payment, pixKey: "x".repeat(78) })).toBeUndefined();
});
