import {
  Blocks,
  ContactRound,
  Ellipsis,
  Gauge,
  MessagesSquare,
  Settings,
  Smartphone,
  TriangleAlert,
  Users,
} from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useLocation } from "react-router";
import { mayManageSessions, useMe } from "../../page/me.ts";
import { useUnreadMessages } from "../../page/queries.ts";
import { Modal } from "../ui/modal.tsx";
import { AccountLink } from "./account-link.tsx";
import { ConnectionBadge } from "./connection-badge.tsx";
import { Logo } from "./logo.tsx";

interface NavPage {
  to: string;
  testId: string;
  label: "nav:messages" | "nav:clients" | "nav:sessions" | "nav:dashboard" | ManagementLabel;
  icon: ReactNode;
}
type ManagementLabel = "nav:people" | "dead-letters:title" | "nav:integrations";

const iconSize = "size-5.5";
const pages: NavPage[] = [
  { to: "/messages", testId: "nav-messages", label: "nav:messages", icon: <MessagesSquare className={iconSize} /> },
  { to: "/clients", testId: "nav-clients", label: "nav:clients", icon: <ContactRound className={iconSize} /> },
  { to: "/sessions", testId: "nav-sessions", label: "nav:sessions", icon: <Smartphone className={iconSize} /> },
  { to: "/dashboard", testId: "nav-dashboard", label: "nav:dashboard", icon: <Gauge className={iconSize} /> },
];
/** Pages for owners and admins. */
const managementPages: NavPage[] = [
  { to: "/people", testId: "nav-people", label: "nav:people", icon: <Users className={iconSize} /> },
  {
    to: "/failures",
    testId: "nav-failures",
    label: "dead-letters:title",
    icon: <TriangleAlert className={iconSize} />,
  },
  { to: "/integrations", testId: "nav-integrations", label: "nav:integrations", icon: <Blocks className={iconSize} /> },
];

/** The main navigation: at the side of wide screens, at the bottom of narrow ones. */
export function NavRail({ isWide, onSettings }: { isWide: boolean; onSettings: () => void }) {
  const { t } = useTranslation();
  const unread = useUnreadMessages();
  const mayManage = mayManageSessions(useMe());
  const shown = mayManage && isWide ? [...pages, ...managementPages] : pages;
  return (
    <nav
      aria-label={t("nav:label")}
      className="order-3 shrink-0 border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] md:order-1 md:flex md:w-22 md:flex-col md:items-center md:overflow-y-auto md:border-t-0 md:border-r md:py-4"
    >
      <Logo className="mb-5 size-10 shrink-0 max-md:hidden" />
      <ul className="flex justify-around gap-1 px-1 py-1 max-md:short:py-0.5 md:flex-col md:self-stretch md:px-2">
        {shown.map((page) => (
          <NavItem key={page.to} page={page} badge={page.to === "/messages" ? unread : 0} />
        ))}
        {mayManage && !isWide && <MorePages />}
      </ul>
      {isWide && <RailFoot onSettings={onSettings} />}
    </nav>
  );
}

function RailFoot({ onSettings }: { onSettings: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="mt-auto flex flex-col items-center gap-3 pt-4">
      <ConnectionBadge />
      <button
        type="button"
        aria-label={t("nav:settings")}
        title={t("nav:settings")}
        data-testid="open-settings"
        onClick={onSettings}
        className="grid size-11 place-items-center rounded-xl text-muted transition-colors hover:bg-hover hover:text-ink"
      >
        <Settings className={iconSize} />
      </button>
      <AccountLink />
    </div>
  );
}

const itemLook = (isActive: boolean): string =>
  `relative flex flex-col items-center gap-1 rounded-xl px-1 py-2 font-medium text-[0.6875rem] transition-colors max-md:short:py-1 ${isActive ? "bg-accent-soft text-accent" : "text-muted hover:bg-hover hover:text-ink"}`;

function NavItem({ page, badge }: { page: NavPage; badge: number }) {
  const { t } = useTranslation();
  return (
    <li className="flex-1 md:flex-none">
      <NavLink to={page.to} data-testid={page.testId} className={({ isActive }) => itemLook(isActive)}>
        {page.icon}
        <span className="max-md:short:sr-only">{t(page.label)}</span>
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

/** Opens the list of management pages, which do not fit beside the others on narrow screens. */
function MorePages() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const { pathname } = useLocation();
  const isActive = managementPages.some(({ to }) => pathname.startsWith(to));
  return (
    <li className="flex-1">
      <button
        type="button"
        data-testid="nav-more"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
        className={`w-full ${itemLook(isActive)}`}
      >
        <Ellipsis className={iconSize} />
        <span className="max-md:short:sr-only">{t("nav:more")}</span>
      </button>
      {isOpen && (
        <Modal title={t("nav:more")} onClose={() => setOpen(false)} testId="more-pages">
          <ul className="grid gap-1">
            {managementPages.map(({ to, testId, label, icon }) => (
              <li key={to}>
                <NavLink
                  to={to}
                  data-testid={testId}
                  onClick={() => setOpen(false)}
                  className={({ isActive: isCurrent }) =>
                    `flex min-h-12 items-center gap-3 rounded-xl px-3 font-medium ${isCurrent ? "bg-accent-soft text-accent" : "hover:bg-hover"}`
                  }
                >
                  {icon}
                  {t(label)}
                </NavLink>
              </li>
            ))}
          </ul>
        </Modal>
      )}
    </li>
  );
}
