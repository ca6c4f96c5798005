import type { SessionPacing } from "@syszap/contracts";
import { useTranslation } from "react-i18next";

/** The used part of a session's sending budgets. */
export function PacingBudgets({ pacing: { hourly, cold, waiting } }: { pacing: SessionPacing }) {
  const { t } = useTranslation();
  const used = ({ used, limit }: SessionPacing["hourly"]) =>
    limit === null ? String(used) : t("pacing:usedOf", { used, limit });
  return (
    <dl data-testid="pacing-budgets" className="grid grid-cols-[1fr_auto] gap-x-3 gap-y-1 text-muted text-xs">
      <dt>{t("pacing:lastHour")}</dt>
      <dd className="tabular-nums">{used(hourly)}</dd>
      <dt>{t("pacing:newContacts")}</dt>
      <dd className="tabular-nums">{used(cold)}</dd>
      {waiting > 0 && (
        <>
          <dt>{t("pacing:waiting")}</dt>
          <dd className="tabular-nums">{waiting}</dd>
        </>
      )}
    </dl>
  );
}
