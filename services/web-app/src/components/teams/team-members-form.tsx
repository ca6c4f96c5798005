import type { Team, UserEntry } from "@syszap/contracts";
import { maxTeamsOfUser } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "../../api/api-error.ts";
import { CheckList } from "../ui/check-list.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { PersonAvatar } from "../ui/person-avatar.tsx";
import { changeMembers, useTeamMutation } from "./use-teams.ts";

interface TeamMembersFormProps {
  team: Team;
  people: UserEntry[];
  onClose: () => void;
}

/** Chooses the members of a team. */
export function TeamMembersForm({ team, people, onClose }: TeamMembersFormProps) {
  const { t } = useTranslation();
  /** As the form was opened: the difference to it is the change. */
  const [before] = useState(team.memberIds ?? []);
  const [memberIds, setMemberIds] = useState(before);
  const save = useTeamMutation(async () => {
    await changeMembers(team.id, { before, after: memberIds });
    onClose();
  });
  const offered = people.filter(({ id, account }) => account?.state !== "disabled" || team.memberIds?.includes(id));
  return (
    <FormDialog
      title={t("teams:membersTitle", { name: team.name })}
      testId="team-members-form"
      submit={{ label: t("common:save"), testId: "team-members-save", isDisabled: save.isPending }}
      error={isProblem(save.error, "conflict") ? t("teams:tooManyTeams", { count: maxTeamsOfUser }) : save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <CheckList
        legend={t("teams:membersLegend")}
        hint={t("teams:membersHint")}
        options={offered.map((person) => ({
          id: person.id,
          label: person.name,
          text: person.account && t(`people:role.${person.account.role}`),
          icon: <PersonAvatar person={person} className="size-8 text-xs" />,
        }))}
        chosen={memberIds}
        testId="member"
        onChange={setMemberIds}
      />
    </FormDialog>
  );
}
