import type { Team, UserEntry } from "@syszap/contracts";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { useMe } from "../../page/me.ts";
import { PersonAvatar } from "../ui/person-avatar.tsx";
import { PersonMenu } from "./person-menu.tsx";

interface PersonCardProps {
  person: UserEntry;
  /** The person's teams. */
  teams: Team[];
}

const stateLooks = {
  active: "bg-accent-soft text-accent",
  invited: "bg-info-soft text-info",
  disabled: "bg-hover text-muted",
};

/** One person of the company: role, state, teams and last visit, with a menu of actions. */
export function PersonCard({ person, teams }: PersonCardProps) {
  const { t } = useTranslation();
  const me = useMe();
  const { account } = person;
  if (!account) return null;
  const isDisabled = account.state === "disabled";
  return (
    <li
      data-testid="person"
      data-user-id={person.id}
      data-state={account.state}
      className="flex items-start gap-3 px-4 py-3.5 sm:items-center sm:gap-4 sm:px-5"
    >
      <PersonAvatar person={person} className={`size-11 text-sm ${isDisabled ? "grayscale" : ""}`} />
      <div className="grid min-w-0 flex-1 gap-x-5 gap-y-2 sm:grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)] lg:grid-cols-[minmax(0,1.3fr)_minmax(0,1fr)_13rem] sm:items-center">
        <div className="min-w-0">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span dir="auto" className={`font-semibold [overflow-wrap:anywhere] ${isDisabled ? "text-muted" : ""}`}>
              {person.name}
            </span>
            {person.id === me.userId && <span className="text-muted text-xs">{t("people:you")}</span>}
          </p>
          <p className="text-muted text-sm [overflow-wrap:anywhere]">{account.email}</p>
        </div>
        <div className="flex flex-wrap items-center gap-1.5 text-xs">
          <span data-testid="person-role" className="rounded-full border border-line px-2.5 py-0.5 font-medium">
            {t(`people:role.${account.role}`)}
          </span>
          {teams.map((team) => (
            <span
              key={team.id}
              dir="auto"
              className="max-w-40 truncate rounded-full bg-sunken px-2.5 py-0.5 text-muted"
            >
              {team.name}
            </span>
          ))}
        </div>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-xs lg:flex-col lg:items-start">
          <span
            data-testid="person-state"
            className={`rounded-full px-2.5 py-0.5 font-medium ${stateLooks[account.state]}`}
          >
            {t(`people:state.${account.state}`)}
          </span>
          <PersonTimes account={account} />
        </div>
      </div>
      <PersonMenu person={person} account={account} teams={teams} />
    </li>
  );
}

function PersonTimes({ account }: { account: NonNullable<UserEntry["account"]> }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const { invitation, lastSeenAt, state } = account;
  if (invitation) return <span>{invitationText(invitation, { t, full })}</span>;
  if (state === "invited") return <span className="text-warn">{t("people:noInvitation")}</span>;
  return <span>{lastSeenAt ? t("people:lastSeen", { when: full(lastSeenAt) }) : t("people:neverSeen")}</span>;
}

type Invitation = NonNullable<NonNullable<UserEntry["account"]>["invitation"]>;

function invitationText(
  { mail, expiresAt }: Invitation,
  { t, full }: { t: TFunction; full: (iso: string) => string },
): string {
  if (mail === "failed") return t("people:mailFailed");
  const isExpired = Date.parse(expiresAt) <= Date.now();
  return t(isExpired ? "people:invitationExpired" : "people:invitationUntil", { when: full(expiresAt) });
}
