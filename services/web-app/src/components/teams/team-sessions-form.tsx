import type { Session, Team } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "../../api/api-error.ts";
import { CheckList } from "../ui/check-list.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { serveSessions, useTeamMutation } from "./use-teams.ts";

interface TeamSessionsFormProps {
  team: Team;
  teams: Team[];
  sessions: Session[];
  onClose: () => void;
}

/** Chooses the sessions that a team serves. */
export function TeamSessionsForm({ team, teams, sessions, onClose }: TeamSessionsFormProps) {
  const { t } = useTranslation();
  /** As the form was opened: the difference to it is the change. */
  const [before] = useState(team.sessionIds ?? []);
  const [sessionIds, setSessionIds] = useState(before);
  const save = useTeamMutation(async () => {
    const openToAll = before.filter((id) => teamsServing(id).length === 0);
    await serveSessions(team.id, { before, after: sessionIds, openToAll });
    onClose();
  });
  /** The teams that serve the session after the change. */
  const teamsServing = (sessionId: string): Team[] =>
    teams.filter(({ id, sessionIds: served }) =>
      id === team.id ? sessionIds.includes(sessionId) : served?.includes(sessionId),
    );
  const servedBy = (sessionId: string): string => {
    const names = teamsServing(sessionId).map(({ name }) => name);
    return names.length === 0 ? t("teams:servedByAll") : t("teams:servedBy", { names: names.join(", ") });
  };
  return (
    <FormDialog
      title={t("teams:sessionsTitle", { name: team.name })}
      testId="team-sessions-form"
      submit={{ label: t("common:save"), testId: "team-sessions-save", isDisabled: save.isPending }}
      error={isProblem(save.error, "conflict") ? t("teams:changedMeanwhile") : save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <CheckList
        legend={t("teams:sessionsLegend")}
        hint={t(sessions.length === 0 ? "teams:sessionsNone" : "teams:sessionsHint")}
        options={sessions.map(({ id, name }) => ({ id, label: name, text: servedBy(id) }))}
        chosen={sessionIds}
        testId="session"
        onChange={setSessionIds}
      />
    </FormDialog>
  );
}
