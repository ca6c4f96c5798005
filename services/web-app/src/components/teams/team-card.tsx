import type { Session, Team, UserEntry } from "@syszap/contracts";
import { Pencil, Smartphone, Trash2, UserPlus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { isProblem } from "../../api/api-error.ts";
import { describeError } from "../../i18n/errors.ts";
import { api } from "../../page/api.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { PersonAvatar } from "../ui/person-avatar.tsx";
import { TeamMembersForm } from "./team-members-form.tsx";
import { TeamNameForm } from "./team-name-form.tsx";
import { TeamSessionsForm } from "./team-sessions-form.tsx";
import { useTeamMutation } from "./use-teams.ts";

interface TeamCardProps {
  team: Team;
  teams: Team[];
  people: UserEntry[];
  sessions: Session[];
}
type Dialog = "name" | "members" | "sessions" | "remove";

/** One team: its members and the sessions that it serves. */
export function TeamCard({ team, teams, people, sessions }: TeamCardProps) {
  const { t } = useTranslation();
  const { id, name, memberIds = [], sessionIds = [] } = team;
  const [dialog, setDialog] = useState<Dialog>();
  const closeDialog = () => setDialog(undefined);
  const remove = useTeamMutation(() => api.call("removeTeam", { params: { id } }));
  const onRemoveError = (error: unknown) => {
    const isLast = isProblem(error, "conflict");
    toast.error(isLast ? t("teams:lastOfSession") : describeError(error, t), { description: name });
  };
  const members = people.filter((person) => memberIds.includes(person.id));
  const served = sessions.filter((session) => sessionIds.includes(session.id));
  return (
    <li
      data-testid="team"
      data-team-id={id}
      className="flex min-w-0 flex-col gap-4 rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-5"
    >
      <header className="flex items-center gap-1">
        <h3 dir="auto" className="min-w-0 flex-1 font-semibold text-lg [overflow-wrap:anywhere]">
          {name}
        </h3>
        <IconButton label={t("teams:rename", { name })} data-testid="team-rename" onClick={() => setDialog("name")}>
          <Pencil className="size-4.5" />
        </IconButton>
        <IconButton
          label={t("teams:remove", { name })}
          data-testid="team-remove"
          disabled={remove.isPending}
          onClick={() => setDialog("remove")}
          className="-mr-2 hover:text-danger"
        >
          <Trash2 className="size-4.5" />
        </IconButton>
      </header>
      <TeamPart
        title={t("teams:members", { count: members.length })}
        empty={t("teams:noMembers")}
        action={
          <Button data-testid="team-members" onClick={() => setDialog("members")}>
            <UserPlus className="size-4" /> {t("teams:chooseMembers")}
          </Button>
        }
      >
        {members.map((person) => (
          <li
            key={person.id}
            className="flex max-w-full items-center gap-2 rounded-full bg-sunken py-1 pr-3 pl-1 text-sm"
          >
            <PersonAvatar person={person} className="size-6 text-[0.625rem]" />
            <span dir="auto" className="truncate">
              {person.name}
            </span>
          </li>
        ))}
      </TeamPart>
      <TeamPart
        title={t("teams:sessions", { count: served.length })}
        empty={t("teams:noSessions")}
        action={
          <Button data-testid="team-sessions" onClick={() => setDialog("sessions")}>
            <Smartphone className="size-4" /> {t("teams:chooseSessions")}
          </Button>
        }
      >
        {served.map((session) => (
          <li
            key={session.id}
            className="flex max-w-full items-center gap-1.5 rounded-full bg-sunken px-3 py-1 text-sm"
          >
            <Smartphone aria-hidden="true" className="size-3.5 shrink-0 text-muted" />
            <span dir="auto" className="truncate">
              {session.name}
            </span>
          </li>
        ))}
      </TeamPart>
      {dialog === "name" && <TeamNameForm team={team} onClose={closeDialog} />}
      {dialog === "members" && <TeamMembersForm team={team} people={people} onClose={closeDialog} />}
      {dialog === "sessions" && (
        <TeamSessionsForm team={team} teams={teams} sessions={sessions} onClose={closeDialog} />
      )}
      {dialog === "remove" && (
        <Confirm
          title={t("teams:confirmRemove", { name })}
          text={t("teams:confirmRemoveText")}
          action={t("teams:removeAction")}
          onConfirm={() => remove.mutate(undefined, { onError: onRemoveError })}
          onClose={closeDialog}
        />
      )}
    </li>
  );
}

interface TeamPartProps {
  title: string;
  empty: string;
  action: ReactNode;
  children: ReactNode[];
}

function TeamPart({ title, empty, action, children }: TeamPartProps) {
  return (
    <section className="grid min-w-0 gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h4 className="font-medium text-muted text-sm">{title}</h4>
        {action}
      </div>
      {children.length > 0 ? (
        <ul className="flex min-w-0 flex-wrap gap-1.5">{children}</ul>
      ) : (
        <p className="rounded-lg bg-warn-soft px-3 py-2 text-sm text-warn">{empty}</p>
      )}
    </section>
  );
}
