import type { Role } from "@syszap/contracts";
import { roles } from "@syszap/contracts/constants";
import { useTranslation } from "react-i18next";
import { useMe } from "../../page/me.ts";

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
        <label
          key={each}
          className="flex cursor-pointer items-start gap-3 rounded-lg border border-line p-3 has-checked:border-accent has-checked:bg-accent-soft"
        >
          <input
            type="radio"
            name="role"
            data-testid={`role-${each}`}
            checked={role === each}
            onChange={() => onChange(each)}
            className="mt-0.5 size-4 shrink-0 accent-accent"
          />
          <span className="grid gap-0.5 text-sm">
            <span className="font-medium">{t(`people:role.${each}`)}</span>
            <span className="text-muted text-xs">{t(`people:roleText.${each}`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
