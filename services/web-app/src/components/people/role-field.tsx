import type { Role } from "@syszap/contracts";
import { roles } from "@syszap/contracts/constants";
import { useTranslation } from "react-i18next";
import { useMe } from "../../page/me.ts";
import { RadioCard } from "../ui/radio-card.tsx";

interface RoleFieldProps {
  role: Role;
  onChange: (role: Role) => void;
}

/** The roles with what they may do. Only owners can choose the owner's role. */
export function RoleField({ role, onChange }: RoleFieldProps) {
  const { t } = useTranslation();
  const me = useMe();
  const offered = roles.filter((each) => each !== "owner" || me.role === "owner").toReversed();
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 font-medium text-sm">{t("people:roleLabel")}</legend>
      {offered.map((each) => (
        <RadioCard
          key={each}
          name="role"
          testId={`role-${each}`}
          title={t(`people:role.${each}`)}
          text={t(`people:roleText.${each}`)}
          isChosen={role === each}
          onChoose={() => onChange(each)}
          className="rounded-lg p-3"
        />
      ))}
    </fieldset>
  );
}
