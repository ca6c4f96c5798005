import type { Order, Payment, Product } from "@syszap/contracts";
import { z } from "zod";
import { listOf, OptionalText, optional, type VendorContent } from "../vendor.ts";
import { filled, linesOf, moneyOf, moneyText } from "./text.ts";

const maxItems = 100;
/** WhatsApp states amounts of orders, products and payments in thousandths. */
const thousandths = 1_000;

export const orderOf = (message: VendorContent): Order => ({
  title: filled(message.orderTitle),
  items: [],
  itemCount: typeof message.itemCount === "number" ? message.itemCount : null,
  total: moneyOf(message.totalAmount1000, thousandths, message.totalCurrencyCode),
  note: filled(message.message),
});

export const productOf = (message: VendorContent): Product => ({
  title: filled(message.title) ?? "",
  description: linesOf(message.description, message.caption) || null,
  price: moneyOf(message.salePriceAmount1000 || message.priceAmount1000, thousandths, message.currencyCode),
  code: filled(message.retailerId),
  url: filled(message.url),
});

export const paymentOf = (message: VendorContent): Payment => ({
  total: moneyOf(message.paymentAmount1000, thousandths, message.paymentCurrency),
  payee: null,
  pixKey: null,
  pixKeyType: null,
  pixCode: null,
  status: filled(message.paymentTxnStatus) ?? filled(message.paymentStatus),
  note: filled(message.paymentNoteMsg) ?? filled(Object(message.paymentNoteMsg).body),
});

const Amount = optional(z.object({ value: z.coerce.number(), offset: z.coerce.number() }));
const PixCode = z.object({ key: OptionalText, key_type: OptionalText, merchant_name: OptionalText });

/** Parameters of the buttons `payment_info` and `review_and_pay`, as wa-js sends them (`sendPixKeyMessage`, `sendChargeMessage`). */
const PaymentParameters = z.object({
  currency: OptionalText,
  total_amount: Amount,
  additional_note: OptionalText,
  order: optional(
    z.object({
      status: OptionalText,
      items: listOf(z.object({ name: OptionalText, quantity: optional(z.coerce.number()), amount: Amount })),
    }),
  ),
  payment_settings: listOf(
    z.object({
      pix_static_code: optional(PixCode),
      pix_dynamic_code: optional(PixCode.extend({ code: OptionalText })),
    }),
  ),
  external_payment_configurations: listOf(z.object({ payment_instruction: OptionalText })),
});

/** Reads a request for payment, with its items if it has any. `text` is the text of the message. Undefined if the parameters are not of that kind. */
export function billOf(parameters: unknown, text: string): { payment: Payment; order?: Order } | undefined {
  const { data } = PaymentParameters.safeParse(parameters);
  if (!data?.payment_settings && !data?.total_amount) return undefined;
  const { currency, order, total_amount: total, payment_settings: settings } = data;
  const dynamic = settings?.map((setting) => setting.pix_dynamic_code).find(Boolean);
  const pix = dynamic ?? settings?.map((setting) => setting.pix_static_code).find(Boolean);
  const priceOf = (amount: z.infer<typeof Amount>) => (amount ? moneyOf(amount.value, amount.offset, currency) : null);
  const items = (order?.items ?? []).slice(0, maxItems).flatMap(({ name, quantity, amount }) => {
    const title = filled(name);
    return title === null ? [] : { name: title, quantity: quantity ?? 1, price: priceOf(amount) };
  });
  const note = linesOf(
    text,
    data.additional_note,
    ...(data.external_payment_configurations ?? []).map((c) => c.payment_instruction),
  );
  const payment: Payment = {
    total: priceOf(total),
    payee: filled(pix?.merchant_name),
    pixKey: filled(pix?.key),
    pixKeyType: filled(pix?.key_type),
    pixCode: filled(dynamic?.code),
    status: filled(order?.status),
    note: note || null,
  };
  if (items.length === 0) return { payment };
  return { payment, order: { title: null, items, itemCount: items.length, total: payment.total, note: null } };
}

export const orderText = ({ title, items, itemCount, total, note }: Order): string =>
  linesOf(
    title,
    ...items.map(({ name, quantity, price }) =>
      [`${quantity} × ${name}`, moneyText(price)].filter(Boolean).join(" · "),
    ),
    [items.length === 0 && itemCount !== null ? `${itemCount} ×` : null, moneyText(total)].filter(Boolean).join(" "),
    note,
  );

export const productText = ({ title, description, price, url }: Product): string =>
  linesOf(title, moneyText(price), description, url);

export const paymentText = ({ payee, total, pixKey, pixCode, note }: Payment): string =>
  linesOf(pixKey ? `Pix: ${pixKey}` : null, payee, moneyText(total), pixCode, note);
