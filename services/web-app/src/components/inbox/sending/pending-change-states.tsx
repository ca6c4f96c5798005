import { useTranslation } from "react-i18next";
import { describeError } from "../../../i18n/errors.ts";
import { describeSendFailure } from "../../../i18n/reasons.ts";
import { useStore } from "../../../lib/store.ts";
import type { MessageOrder } from "../../../live/pending-changes.ts";
import { messageOrders } from "../../../page/state.ts";

/** What was asked to be done to a message from here, while it is not done, and why it was not. */
export function OrderStates({ messageId }: { messageId: string }) {
  return useStore(messageOrders.store)
    .filter((order) => order.messageId === messageId)
    .map((order) => <OrderState key={order.key} order={order} />);
}

function OrderState({ order }: { order: MessageOrder }) {
  const { t } = useTranslation();
  const { change, body, failure } = order;
  if (failure === undefined) {
    const name = change === "reaction" && body === "" ? "unreaction" : change;
    return (
      <p role="status" data-testid="order-pending" className="mt-1 text-muted text-xs">
        {t(`sending:pending.${name}`, { emoji: body })}
      </p>
    );
  }
  const why = typeof failure === "string" ? describeSendFailure(failure, t) : describeError(failure, t);
  return (
    <p role="alert" className="mt-1 flex max-w-[85%] flex-wrap items-center justify-end gap-x-3 text-danger text-xs">
      <span>{why === "" ? t(`sending:failed.${change}`) : `${t(`sending:failed.${change}`)}: ${why}`}</span>
      <button type="button" className="font-semibold underline" onClick={() => messageOrders.retry(order)}>
        {t("common:retry")}
      </button>
      <button type="button" className="underline" onClick={() => messageOrders.discard(order.key)}>
        {t("inbox:discard")}
      </button>
    </p>
  );
}
