import type { Role, Team, UserEntry } from "@syszap/contracts";
import { maxPersonNameLength } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { describePersonError } from "../../i18n/person-errors.ts";
import { api } from "../../page/api.ts";
import { useMe } from "../../page/me.ts";
import { joinTeams, useTeams } from "../teams/use-teams.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";
import { RoleField } from "./role-field.tsx";
import { TeamField } from "./team-field.tsx";
import { usePeopleMutation } from "./use-people.ts";

interface PersonFormProps {
  person: UserEntry;
  account: NonNullable<UserEntry["account"]>;
  /** The person's present teams. */
  teams: Team[];
  onClose: () => void;
}

/** Changes the name, the role and the teams of a person. */
export function PersonForm({ person, account, teams, onClose }: PersonFormProps) {
  const { t } = useTranslation();
  const me = useMe();
  const { data: allTeams = [] } = useTeams();
  const before = teams.map(({ id }) => id);
  const [name, setName] = useState(person.name);
  const [role, setRole] = useState<Role>(account.role);
  const [teamIds, setTeamIds] = useState(before);
  const save = usePeopleMutation(async () => {
    const body = {
      ...(name.trim() !== person.name && { name: name.trim() }),
      ...(role !== account.role && { role }),
    };
    if (Object.keys(body).length > 0) await api.call("updateUser", { params: { id: person.id }, body });
    await joinTeams(person.id, { before, after: teamIds });
    onClose();
  });
  return (
    <FormDialog
      title={t("people:editTitle", { name: person.name })}
      testId="person-form"
      submit={{ label: t("common:save"), testId: "person-save", isDisabled: name.trim() === "" || save.isPending }}
      error={save.error && describePersonError(save.error, t)}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField
        label={t("people:name")}
        testId="person-name"
        onText={setName}
        required
        maxLength={maxPersonNameLength}
        value={name}
      />
      <RoleField role={role} onChange={setRole} />
      {person.id === me.userId && role !== account.role && (
        <p role="alert" className="rounded-lg bg-warn-soft px-3 py-2.5 text-sm text-warn">
          {t("people:ownRole")}
        </p>
      )}
      <TeamField teams={allTeams} chosen={teamIds} onChange={setTeamIds} />
    </FormDialog>
  );
}
