import { agentReaches } from "@syszap/contracts/constants";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useCompanySettings } from "../../page/company-settings.ts";
import { SectionCard } from "../ui/section-card.tsx";
import { ErrorText, QueryData } from "../ui/states.tsx";

/** Which chats agents see. A choice is saved and takes effect at once. */
export function ReachSetting({ hasTeams }: { hasTeams: boolean }) {
  const { t } = useTranslation();
  const { query, save } = useCompanySettings(() => toast.success(t("teams:reach.saved")));
  return (
    <SectionCard title={t("teams:reach.title")} text={t("teams:reach.text")}>
      <QueryData query={query}>
        {({ agentsSee: chosen }) => (
          <>
            <fieldset data-testid="reach" disabled={save.isPending} className="grid gap-2 lg:grid-cols-3">
              <legend className="sr-only">{t("teams:reach.title")}</legend>
              {agentReaches.map((reach) => (
                <label
                  key={reach}
                  className="flex cursor-pointer items-start gap-3 rounded-xl border border-line p-3.5 has-checked:border-accent has-checked:bg-accent-soft"
                >
                  <input
                    type="radio"
                    name="agents-see"
                    data-testid={`reach-${reach}`}
                    checked={chosen === reach}
                    onChange={() => save.mutate({ agentsSee: reach })}
                    className="mt-0.5 size-4 shrink-0 accent-accent"
                  />
                  <span className="grid gap-0.5 text-sm">
                    <span className="font-medium">{t(`teams:reach.${reach}`)}</span>
                    <span className="text-muted text-xs">{t(`teams:reach.${reach}Text`)}</span>
                  </span>
                </label>
              ))}
            </fieldset>
            {!hasTeams && chosen !== "all" && <p className="mt-3 text-muted text-sm">{t("teams:reach.noTeams")}</p>}
          </>
        )}
      </QueryData>
      <ErrorText error={save.error} className="mt-3 text-sm" />
    </SectionCard>
  );
}
