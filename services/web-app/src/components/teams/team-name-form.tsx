import type { Team } from "@syszap/contracts";
import { maxTeamNameLength } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "../../api/api-error.ts";
import { api } from "../../page/api.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";
import { useTeamMutation } from "./use-teams.ts";

interface TeamNameFormProps {
  /** Undefined creates a team. */
  team: Team | undefined;
  onClose: () => void;
}

/** Creates or renames a team. */
export function TeamNameForm({ team, onClose }: TeamNameFormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(team?.name ?? "");
  const save = useTeamMutation(async () => {
    const body = { name: name.trim() };
    if (team) await api.call("updateTeam", { params: { id: team.id }, body });
    else await api.call("createTeam", { body });
    onClose();
  });
  return (
    <FormDialog
      title={team ? t("teams:rename", { name: team.name }) : t("teams:new")}
      testId="team-form"
      submit={{
        label: t(team ? "common:save" : "teams:create"),
        testId: "team-save",
        isDisabled: name.trim() === "" || save.isPending,
      }}
      error={isProblem(save.error, "conflict") ? t("teams:nameTaken") : save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField
        label={t("teams:name")}
        testId="team-name"
        onText={setName}
        required
        maxLength={maxTeamNameLength}
        value={name}
        placeholder={t("teams:namePlaceholder")}
      />
    </FormDialog>
  );
}
