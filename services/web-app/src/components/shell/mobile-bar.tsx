import { Settings } from "lucide-react";
import { useTranslation } from "react-i18next";
import { AccountLink } from "./account-link.tsx";
import { ConnectionBadge } from "./connection-badge.tsx";
import { Logo } from "./logo.tsx";

/** The top of the page on narrow screens: connection state, own account and preferences. */
export function MobileBar({ onSettings }: { onSettings: () => void }) {
  const { t } = useTranslation();
  return (
    <header className="order-1 flex items-center justify-between border-line border-b bg-surface px-4 py-2 short:py-0">
      <Logo className="size-8" />
      <div className="flex items-center gap-2">
        <ConnectionBadge isCompact />
        <button
          type="button"
          aria-label={t("nav:settings")}
          data-testid="open-settings"
          onClick={onSettings}
          className="grid size-10 place-items-center rounded-full text-muted"
        >
          <Settings className="size-5" />
        </button>
        <AccountLink />
      </div>
    </header>
  );
}
