import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useMe } from "../../page/me.ts";
import { PersonAvatar } from "../ui/person-avatar.tsx";

/** The signed-in user's picture, which leads to the own account. */
export function AccountLink() {
  const { t } = useTranslation();
  const me = useMe();
  return (
    <NavLink
      to="/account"
      title={`${t("nav:account")}: ${me.name}`}
      data-testid="nav-account"
      className={({ isActive }) =>
        `rounded-full ring-offset-2 ring-offset-surface hover:ring-2 hover:ring-line ${isActive ? "ring-2 ring-accent" : ""}`
      }
    >
      <span className="sr-only">{t("nav:account")}</span>
      <PersonAvatar person={{ id: me.userId, name: me.name, pictureId: me.pictureId }} className="size-9 text-xs" />
    </NavLink>
  );
}
