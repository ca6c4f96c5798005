import type { QuotedMessage } from "@syszap/contracts";
import { createContext, use } from "react";
import { useTranslation } from "react-i18next";
import { kindOf } from "../../../live/event-mapping.ts";

/** What the customer of the open chat is called. */
export const CustomerContext = createContext<string | undefined>(undefined);

export const useQuoteWords = ({ direction, type, body }: QuotedMessage) => {
  const { t } = useTranslation();
  const customer = use(CustomerContext);
  return {
    name: direction === 1 ? t("inbox:you") : (customer ?? t("sending:customer")),
    words: body || t(`message:kind.${kindOf(type)}`),
  };
};

/** Above an answer: what it answers. Leads there, where that message is on the page. */
export function Quote({ quoted }: { quoted: QuotedMessage }) {
  const { t } = useTranslation();
  const { name, words } = useQuoteWords(quoted);
  const show = () => {
    const target = document.querySelector<HTMLElement>(`[data-message-id="${quoted.id}"]`);
    target?.scrollIntoView({ block: "center", behavior: "smooth" });
  };
  return (
    <button
      type="button"
      data-testid="quote"
      onClick={show}
      aria-label={t("sending:quoted", { name, body: words })}
      className="mb-1 block w-full max-w-full rounded-lg border-accent border-l-4 bg-sunken px-2.5 py-1.5 text-left text-sm"
    >
      <span className="block font-semibold text-accent text-xs first-letter:uppercase">{name}</span>
      <span dir="auto" className="line-clamp-2 text-muted [overflow-wrap:anywhere]">
        {words}
      </span>
    </button>
  );
}
