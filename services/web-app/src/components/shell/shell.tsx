import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useLocation, useMatch } from "react-router";
import { lazyExtra } from "../../lib/lazy-part.ts";
import { useUnsentGuard } from "../../page/use-unsent-guard.ts";
import { Boundary } from "../ui/boundary.tsx";
import { Loading } from "../ui/states.tsx";
import { useIsWide } from "../ui/use-is-wide.ts";
import { ConnectionBanner } from "./connection-badge.tsx";
import { MobileBar } from "./mobile-bar.tsx";
import { NavRail } from "./nav-rail.tsx";

const SettingsDialog = lazyExtra(async () => (await import("./settings-dialog.tsx")).SettingsDialog);

/** The frame around every page: navigation, connection state and notices. */
export function Shell() {
  const { t } = useTranslation();
  const [isInSettings, setInSettings] = useState(false);
  const isInChat = useMatch("/messages/:chatId") !== null;
  const { pathname } = useLocation();
  const isWide = useIsWide();
  useUnsentGuard();
  const openSettings = () => setInSettings(true);
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:px-4 focus:py-2"
      >
        {t("nav:skip")}
      </a>
      {!isWide && !isInChat && <MobileBar onSettings={openSettings} />}
      {(isWide || !isInChat) && <NavRail isWide={isWide} onSettings={openSettings} />}
      <main id="content" tabIndex={-1} className="order-2 flex min-h-0 min-w-0 flex-1 flex-col outline-none">
        <ConnectionBanner />
        <Boundary shown={pathname}>
          <Suspense fallback={<Loading className="flex-1" />}>
            <Outlet />
          </Suspense>
        </Boundary>
      </main>
      {isInSettings && <SettingsDialog onClose={() => setInSettings(false)} />}
    </div>
  );
}
