import type { AnswerOf } from "@syszap/contracts";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useCompanySettings } from "../../page/company-settings.ts";
import { Confirm } from "../ui/confirm.tsx";
import { SectionCard } from "../ui/section-card.tsx";
import { ErrorText, QueryData } from "../ui/states.tsx";
import { fieldStyle } from "../ui/text-field.tsx";

const settingNames = ["keepMessagesDays", "keepFilesDays", "keepAuditDays"] as const;
type SettingName = (typeof settingNames)[number];
type Settings = AnswerOf<"getCompanySettings">;
type Change = { name: SettingName; days: number | null };

const offeredDays = [30, 90, 180, 365, 730, 1_825];
const never = "never";

/** True when the change can delete something that is kept now. */
const isShorter = (settings: Settings, { name, days }: Change): boolean =>
  days !== null && days < (settings[name] ?? Number.POSITIVE_INFINITY);

/** How long messages, files and the audit log are kept. A shorter time is saved only after a confirmation. */
export function RetentionSetting() {
  const { t } = useTranslation();
  const { query, save } = useCompanySettings(() => toast.success(t("teams:keep.saved")));
  const [unconfirmed, setUnconfirmed] = useState<Change>();
  const apply = ({ name, days }: Change) => save.mutate({ [name]: days });
  const change = (settings: Settings, next: Change) => {
    if (isShorter(settings, next)) setUnconfirmed(next);
    else apply(next);
  };
  const days = (count: number) => t("teams:keep.days", { count });
  return (
    <SectionCard title={t("teams:keep.title")} text={t("teams:keep.text")}>
      <QueryData query={query}>
        {(settings) => (
          <div className="grid gap-4 lg:grid-cols-3">
            {settingNames.map((name) => (
              <Choice
                key={name}
                name={name}
                days={settings[name]}
                isDisabled={save.isPending}
                onChange={(next) => change(settings, { name, days: next })}
              />
            ))}
          </div>
        )}
      </QueryData>
      <ErrorText error={save.error} className="mt-3 text-sm" />
      {unconfirmed && unconfirmed.days !== null && (
        <Confirm
          title={t("teams:keep.confirmTitle")}
          text={t(`teams:keep.${unconfirmed.name}Warning`, { time: days(unconfirmed.days) })}
          action={t("teams:keep.confirm")}
          onConfirm={() => apply(unconfirmed)}
          onClose={() => setUnconfirmed(undefined)}
        />
      )}
    </SectionCard>
  );
}

interface ChoiceProps {
  name: SettingName;
  days: number | null;
  isDisabled: boolean;
  onChange: (days: number | null) => void;
}

function Choice({ name, days, isDisabled, onChange }: ChoiceProps) {
  const { t } = useTranslation();
  const id = useId();
  const offered = [...new Set([...offeredDays, ...(days === null ? [] : [days])])].sort((one, other) => one - other);
  return (
    <div className="grid content-start gap-1 text-sm">
      <label htmlFor={id} className="font-medium">
        {t(`teams:keep.${name}`)}
      </label>
      <select
        id={id}
        data-testid={name}
        value={days ?? never}
        disabled={isDisabled}
        aria-describedby={`${id}-text`}
        onChange={(event) => onChange(event.target.value === never ? null : Number(event.target.value))}
        className={`w-full min-w-0 ${fieldStyle}`}
      >
        <option value={never}>{t(name === "keepAuditDays" ? "teams:keep.platform" : "teams:keep.never")}</option>
        {offered.map((each) => (
          <option key={each} value={each}>
            {t("teams:keep.days", { count: each })}
          </option>
        ))}
      </select>
      <p id={`${id}-text`} className="text-muted text-xs">
        {t(`teams:keep.${name}Text`)}
      </p>
    </div>
  );
}
