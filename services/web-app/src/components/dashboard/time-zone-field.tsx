import { useId } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useCompanySettings } from "../../page/company-settings.ts";
import { ErrorText } from "../ui/states.tsx";
import { fieldStyle } from "../ui/text-field.tsx";

/** Lets owners and admins choose where the days of the statistics begin. `onSaved`: a choice was saved. */
export function TimeZoneField({ timeZone, onSaved }: { timeZone: string; onSaved: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const { save } = useCompanySettings(() => {
    toast.success(t("dashboard:timeZoneSaved"));
    onSaved();
  });
  const zones = [...new Set([timeZone, ...Intl.supportedValuesOf("timeZone")])].sort();
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
      <label htmlFor={id} className="text-muted">
        {t("dashboard:timeZone")}
      </label>
      <select
        id={id}
        data-testid="time-zone"
        value={save.isPending ? save.variables?.timeZone : timeZone}
        disabled={save.isPending}
        onChange={(event) => save.mutate({ timeZone: event.target.value })}
        className={`min-w-0 max-w-full ${fieldStyle}`}
      >
        {zones.map((zone) => (
          <option key={zone} value={zone}>
            {zone.replaceAll("_", " ")}
          </option>
        ))}
      </select>
      <ErrorText error={save.error} />
    </div>
  );
}
