import type { PlatformCompany } from "@syszap/contracts";
import { useTranslation } from "react-i18next";

const looks = {
  active: "bg-accent-soft text-accent",
  suspended: "bg-warn-soft text-warn",
  deletion_scheduled: "bg-danger-soft text-danger",
  deleting: "bg-danger-soft text-danger",
} as const;

export function CompanyStateBadge({ state }: Pick<PlatformCompany, "state">) {
  const { t } = useTranslation();
  return (
    <span
      data-testid="company-state"
      className={`shrink-0 rounded-full px-2.5 py-1 font-medium text-xs ${looks[state]}`}
    >
      {t(`operator:state.${state}`)}
    </span>
  );
}
