import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queryKeys } from "../../live/query-client.ts";
import { useCompanySettings } from "../../page/company-settings.ts";
import { ErrorText, QueryData } from "../ui/states.tsx";

/** Whether owners and admins must have a second factor. Takes effect at once. */
export function CompanyRule() {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const { query, save } = useCompanySettings(() => void cache.invalidateQueries({ queryKey: queryKeys.secondFactor }));
  return (
    <div className="mt-5 border-line border-t pt-4">
      <QueryData query={query}>
        {({ requireSecondFactor }) => (
          <label className="flex cursor-pointer items-start gap-3 text-sm">
            <input
              type="checkbox"
              data-testid="second-factor-rule"
              checked={requireSecondFactor === "managers"}
              disabled={save.isPending}
              onChange={(event) => save.mutate({ requireSecondFactor: event.target.checked ? "managers" : "none" })}
              className="mt-0.5 size-4 shrink-0 accent-accent"
            />
            <span className="grid gap-0.5">
              <span className="font-medium">{t("second-factor:rule")}</span>
              <span className="text-muted text-xs">{t("second-factor:ruleText")}</span>
            </span>
          </label>
        )}
      </QueryData>
      <ErrorText error={save.error} className="mt-3 text-sm" />
    </div>
  );
}
