import { agentReaches } from "@syszap/contracts/constants";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useCompanySettings } from "../../page/company-settings.ts";
import { RadioCard } from "../ui/radio-card.tsx";
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
                <RadioCard
                  key={reach}
                  name="agents-see"
                  testId={`reach-${reach}`}
                  title={t(`teams:reach.${reach}`)}
                  text={t(`teams:reach.${reach}Text`)}
                  isChosen={chosen === reach}
                  onChoose={() => save.mutate({ agentsSee: reach })}
                  className="rounded-xl p-3.5"
                />
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
