import type { Menu } from "@syszap/contracts";
import { useTranslation } from "react-i18next";

/** The buttons or list rows of a message. Only the client's phone can choose one. */
export function MenuOptions({ menu }: { menu: Menu }) {
  const { t } = useTranslation();
  return (
    <ul aria-label={t("message:content.options")} data-testid="menu" className="mt-1.5 grid w-72 max-w-full gap-1">
      {menu.options.map((option) => (
        <li key={option.text} dir="auto" className="rounded-lg border border-line px-2.5 py-1 text-center text-sm">
          <span className="[overflow-wrap:anywhere]">{option.text}</span>
          {option.description && (
            <span className="block text-muted text-xs [overflow-wrap:anywhere]">{option.description}</span>
          )}
          {option.url && <span className="block truncate text-info text-xs">{option.url}</span>}
        </li>
      ))}
    </ul>
  );
}
