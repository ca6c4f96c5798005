import type { EventInvitation, Money, Order, Payment, Product } from "@syszap/contracts";
import { CalendarDays, Check, Copy, CreditCard, Package, ShoppingCart } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format.ts";
import { RichText } from "../../ui/rich-text/rich-text.tsx";
import { useCopy } from "../../ui/use-copy.ts";
import { Card } from "./card.tsx";
import { PixQr } from "./pix-qr.tsx";

const Note = ({ text }: { text: string | null }) =>
  text && (
    <p dir="auto" className="whitespace-pre-wrap text-muted [overflow-wrap:anywhere]">
      <RichText text={text} />
    </p>
  );

function Amount({ label, money }: { label: string; money: Money | null }) {
  const { money: format } = useFormats();
  return (
    money && (
      <p className="flex justify-between gap-3">
        <span>{label}</span>
        <strong className="tabular-nums">{format(money)}</strong>
      </p>
    )
  );
}

export function OrderCard({ order }: { order: Order }) {
  const { t } = useTranslation();
  const { money } = useFormats();
  return (
    <Card testId="order" icon={ShoppingCart} kind={t("message:content.order")} title={order.title}>
      {order.items.map((item, index) => (
        <p key={index} className="flex justify-between gap-3">
          <span dir="auto" className="min-w-0 [overflow-wrap:anywhere]">
            {item.quantity} × {item.name}
          </span>
          {item.price && <span className="shrink-0 tabular-nums">{money(item.price)}</span>}
        </p>
      ))}
      {order.items.length === 0 && order.itemCount !== null && (
        <p className="text-muted">{t("message:content.items", { count: order.itemCount })}</p>
      )}
      <Amount label={t("message:content.total")} money={order.total} />
      <Note text={order.note} />
    </Card>
  );
}

export function ProductCard({ product }: { product: Product }) {
  const { t } = useTranslation();
  return (
    <Card testId="product" icon={Package} kind={t("message:content.product")} title={product.title}>
      <Amount label={t("message:content.price")} money={product.price} />
      <Note text={product.description} />
      {product.code && <p className="text-muted text-xs">{t("message:content.code", { code: product.code })}</p>}
      <Note text={product.url} />
    </Card>
  );
}

export function PaymentCard({ payment }: { payment: Payment }) {
  const { t } = useTranslation();
  const isPix = payment.pixKey !== null || payment.pixCode !== null;
  return (
    <Card
      testId="payment"
      icon={CreditCard}
      kind={t(isPix ? "message:content.pix" : "message:content.payment")}
      title={payment.payee}
    >
      <Amount label={t("message:content.total")} money={payment.total} />
      {payment.pixKey && <Copyable label={payment.pixKeyType ?? t("message:content.pixKey")} text={payment.pixKey} />}
      {payment.pixCode && <Copyable label={t("message:content.pixCode")} text={payment.pixCode} />}
      <PixQr payment={payment} />
      <Note text={payment.note} />
    </Card>
  );
}

function Copyable({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation();
  const { shown, isCopied, copy } = useCopy<HTMLSpanElement>(text);
  return (
    <div className="flex items-center gap-2">
      <span className="min-w-0 flex-1">
        <span className="block text-muted text-xs">{label}</span>
        <span ref={shown} className="block truncate tabular-nums">
          {text}
        </span>
      </span>
      <button
        type="button"
        onClick={() => void copy()}
        aria-label={t("message:content.copy", { text: label })}
        className="grid size-8 shrink-0 place-items-center rounded-full text-accent hover:bg-hover"
      >
        {isCopied ? <Check className="size-4" /> : <Copy className="size-4" />}
      </button>
    </div>
  );
}

export function EventCard({ event }: { event: EventInvitation }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const times = [event.startsAt, event.endsAt].flatMap((time) => (time ? full(time) : []));
  return (
    <Card testId="event" icon={CalendarDays} kind={t("message:content.event")} title={event.name}>
      {event.isCanceled && <p className="font-medium text-danger">{t("message:content.eventCanceled")}</p>}
      {times.length > 0 && <p>{times.join(" – ")}</p>}
      <Note text={event.place} />
      <Note text={event.description} />
      <Note text={event.url} />
    </Card>
  );
}
