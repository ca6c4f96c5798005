import { Blocks, ContactRound, Gauge, MessagesSquare, Settings, Smartphone, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Outlet, useMatch } from "react-router";
import { mayManageSessions, useMe } from "../../page/me.ts";
import { useChats } from "../../page/queries.ts";
import { Notices } from "../notices/notices.tsx";
import { useIsWide } from "../ui/use-is-wide.ts";
import { ConnectionBadge, ConnectionBanner } from "./connection-badge.tsx";
import { Logo } from "./logo.tsx";
import { SettingsDialog } from "./settings-dialog.tsx";

/** The frame around every page: navigation, connection state and notices. */
export function Shell() {
  const { t } = useTranslation();
  const [isInSettings, setInSettings] = useState(false);
  const isInChat = useMatch("/messages/:chatId") !== null;
  const isWide = useIsWide();
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:px-4 focus:py-2"
      >
        {t("nav:skip")}
      </a>
      {!isWide && !isInChat && <MobileBar onSettings={() => setInSettings(true)} />}
      {(isWide || !isInChat) && <NavRail isWide={isWide} onSettings={() => setInSettings(true)} />}
      <main id="content" tabIndex={-1} className="order-2 flex min-h-0 min-w-0 flex-1 flex-col outline-none">
        <ConnectionBanner />
        <Outlet />
      </main>
      {isInSettings && <SettingsDialog onClose={() => setInSettings(false)} />}
      <Notices />
    </div>
  );
}

function MobileBar({ onSettings }: { onSettings: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="order-1 flex items-center justify-between border-line border-b bg-surface px-4 py-2">
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
      </div>
    </div>
  );
}

function NavRail({ isWide, onSettings }: { isWide: boolean; onSettings: () => void }) {
  const { t } = useTranslation();
  const unread = useUnreadChats();
  const mayManage = mayManageSessions(useMe());
  return (
    <nav
      aria-label={t("nav:label")}
      className="order-3 shrink-0 border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] md:order-1 md:flex md:w-22 md:flex-col md:items-center md:border-t-0 md:border-r md:py-4"
    >
      <Logo className="mb-5 size-10 max-md:hidden" />
      <ul className="flex justify-around gap-1 px-1 py-1 md:flex-col md:self-stretch md:px-2">
        <NavItem to="/messages" testId="nav-messages" label={t("nav:messages")} badge={unread}>
          <MessagesSquare className="size-5.5" />
        </NavItem>
        <NavItem to="/clients" testId="nav-clients" label={t("nav:clients")}>
          <ContactRound className="size-5.5" />
        </NavItem>
        <NavItem to="/sessions" testId="nav-sessions" label={t("nav:sessions")}>
          <Smartphone className="size-5.5" />
        </NavItem>
        <NavItem to="/dashboard" testId="nav-dashboard" label={t("nav:dashboard")}>
          <Gauge className="size-5.5" />
        </NavItem>
        {mayManage && (
          <NavItem to="/failures" testId="nav-failures" label={t("dead-letters:title")}>
            <TriangleAlert className="size-5.5" />
          </NavItem>
        )}
        {mayManage && (
          <NavItem to="/integrations" testId="nav-integrations" label={t("nav:integrations")}>
            <Blocks className="size-5.5" />
          </NavItem>
        )}
      </ul>
      {isWide && <RailFoot onSettings={onSettings} />}
    </nav>
  );
}

function RailFoot({ onSettings }: { onSettings: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="mt-auto flex flex-col items-center gap-3">
      <ConnectionBadge />
      <button
        type="button"
        aria-label={t("nav:settings")}
        title={t("nav:settings")}
        data-testid="open-settings"
        onClick={onSettings}
        className="grid size-11 place-items-center rounded-xl text-muted transition-colors hover:bg-hover hover:text-ink"
      >
        <Settings className="size-5.5" />
      </button>
    </div>
  );
}

interface NavItemProps {
  to: string;
  testId: string;
  label: string;
  badge?: number;
  children: ReactNode;
}

function NavItem({ to, testId, label, badge = 0, children }: NavItemProps) {
  const { t } = useTranslation();
  return (
    <li className="flex-1 md:flex-none">
      <NavLink
        to={to}
        data-testid={testId}
        className={({ isActive }) =>
          `relative flex flex-col items-center gap-1 rounded-xl px-1 py-2 font-medium text-[0.6875rem] transition-colors ${isActive ? "bg-accent-soft text-accent" : "text-muted hover:bg-hover hover:text-ink"}`
        }
      >
        {children}
        <span>{label}</span>
        {badge > 0 && (
          <span
            role="img"
            aria-label={t("inbox:unread", { count: badge })}
            className="absolute top-1 left-1/2 ml-2 grid h-4.5 min-w-4.5 place-items-center rounded-full bg-accent px-1 text-[0.625rem] text-on-accent"
          >
            {badge > 99 ? "99+" : badge}
          </span>
        )}
      </NavLink>
    </li>
  );
}

const useUnreadChats = (): number => useChats("").items?.reduce((sum, chat) => sum + chat.unreadCount, 0) ?? 0;
