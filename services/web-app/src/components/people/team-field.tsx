import type { Team } from "@syszap/contracts";
import { useTranslation } from "react-i18next";
import { CheckList } from "../ui/check-list.tsx";

interface TeamFieldProps {
  teams: Team[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** The teams of a person. */
export function TeamField({ teams, chosen, onChange }: TeamFieldProps) {
  const { t } = useTranslation();
  return (
    <CheckList
      legend={t("people:teams")}
      hint={teams.length === 0 ? t("people:noTeams") : undefined}
      options={teams.map(({ id, name }) => ({ id, label: name }))}
      chosen={chosen}
      testId="person-team"
      onChange={onChange}
    />
  );
}
