import type { QuotedMessage } from "@syszap/contracts";
import { direction as directions, messageKindOf } from "@syszap/contracts/constants";
import { createContext, use } from "react";
import { useTranslation } from "react-i18next";

/** The client's name in the open chat. */
export const CustomerContext = createContext<string | undefined>(undefined);

/** The author's name and the text of a quoted message. A message without text is named by its kind. */
export const useQuote = ({ direction, type, body }: QuotedMessage) => {
  const { t } = useTranslation();
  const customer = use(CustomerContext);
  return {
    name: direction === directions.out ? t("inbox:you") : (customer ?? t("sending:customer")),
    text: body || t(`message:kind.${messageKindOf(type)}`),
  };
};

/** The quoted message above a reply. A click scrolls to it if it is loaded. */
export function Quote({ quoted }: { quoted: QuotedMessage }) {
  const { t } = useTranslation();
  const { name, text } = useQuote(quoted);
  const show = () => {
    const target = document.querySelector<HTMLElement>(`[data-message-id="${quoted.id}"]`);
    target?.scrollIntoView({ block: "center", behavior: "smooth" });
  };
  return (
    <button
      type="button"
      data-testid="quote"
      onClick={show}
      aria-label={t("sending:quoted", { name, body: text })}
      className="mb-1 block w-full max-w-full rounded-lg border-accent border-l-4 bg-sunken px-2.5 py-1.5 text-left text-sm"
    >
      <span className="block font-semibold text-accent text-xs first-letter:uppercase">{name}</span>
      <span dir="auto" className="line-clamp-2 text-muted [overflow-wrap:anywhere]">
        {text}
      </span>
    </button>
  );
}
