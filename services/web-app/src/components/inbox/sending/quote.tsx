import type { QuotedMessage } from "@syszap/contracts";
import { messageKindOf } from "@syszap/contracts/constants";
import { use } from "react";
import { useTranslation } from "react-i18next";
import { plainText } from "../../ui/rich-text/formatting.ts";
import { useAuthor } from "../authors/use-author.ts";
import { OriginalContext } from "../original-context.ts";

/** The author and the text of a quoted message. A message without text is named by its kind. */
export const useQuote = (quoted: QuotedMessage) => {
  const { t } = useTranslation();
  const text = quoted.revokedAt
    ? t("inbox:revoked")
    : plainText(quoted.body) || t(`message:kind.${messageKindOf(quoted.type)}`);
  return { author: useAuthor(quoted), text };
};

/** The quoted message above a reply. A click shows the original, unless only WhatsApp's copy of it is known. */
export function Quote({ quoted }: { quoted: QuotedMessage }) {
  const { t } = useTranslation();
  const { author, text } = useQuote(quoted);
  const label = author.kind === "phone" ? "sending:quotedPhone" : "sending:quoted";
  const showOriginal = use(OriginalContext);
  const { id } = quoted;
  const look =
    "mb-1 block w-full max-w-full rounded-lg border-accent border-l-4 bg-sunken px-2.5 py-1.5 text-left text-sm";
  const content = (
    <>
      <span className="sr-only">{t(label, { name: author.name })} </span>
      <span aria-hidden="true" className="block font-semibold text-accent text-xs first-letter:uppercase">
        {author.name}
      </span>
      <span dir="auto" className="line-clamp-2 text-muted [overflow-wrap:anywhere]">
        {text}
      </span>
    </>
  );
  if (id === null || !showOriginal)
    return (
      <div data-testid="quote" className={look}>
        {content}
      </div>
    );
  return (
    <button type="button" data-testid="quote" onClick={() => showOriginal(id)} className={look}>
      {content}
    </button>
  );
}
