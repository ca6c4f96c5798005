import type { AuditAction, UserEntry } from "@syszap/contracts";
import { auditActions } from "@syszap/contracts/constants";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { fieldStyle } from "../ui/text-field.tsx";
import { type AuditChoice, noChoice } from "./use-audit-log.ts";

interface AuditFiltersProps {
  choice: AuditChoice;
  people: UserEntry[];
  onChange: (choice: AuditChoice) => void;
}

const fieldLook = "min-h-11 w-full min-w-0 bg-surface text-sm";

/** Filters by person, action and period. */
export function AuditFilters({ choice, people, onChange }: AuditFiltersProps) {
  const { t, i18n } = useTranslation();
  const set = (change: Partial<AuditChoice>) => onChange({ ...choice, ...change });
  const actions = auditActions
    .map((action) => ({ action, label: t(`audit:name.${action}`) }))
    .toSorted((a, b) => a.label.localeCompare(b.label, i18n.language));
  const isFiltered = Object.values(choice).some((value) => value !== "");
  return (
    <div className="mb-5 grid grid-cols-2 items-end gap-3 lg:grid-cols-[1fr_1fr_auto_auto_auto]">
      <Field label={t("audit:person")} isWide>
        <select
          data-testid="audit-person"
          value={choice.actor}
          onChange={(event) => set({ actor: event.target.value })}
          className={`${fieldStyle} ${fieldLook}`}
        >
          <option value="">{t("audit:everyone")}</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t("audit:actionLabel")} isWide>
        <select
          data-testid="audit-action"
          value={choice.action}
          onChange={(event) => set({ action: event.target.value as AuditAction | "" })}
          className={`${fieldStyle} ${fieldLook}`}
        >
          <option value="">{t("audit:everything")}</option>
          {actions.map(({ action, label }) => (
            <option key={action} value={action}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t("audit:from")}>
        <input
          type="date"
          data-testid="audit-from"
          value={choice.fromDay}
          max={choice.toDay || undefined}
          onChange={(event) => set({ fromDay: event.target.value })}
          className={`${fieldStyle} ${fieldLook}`}
        />
      </Field>
      <Field label={t("audit:to")}>
        <input
          type="date"
          data-testid="audit-to"
          value={choice.toDay}
          min={choice.fromDay || undefined}
          onChange={(event) => set({ toDay: event.target.value })}
          className={`${fieldStyle} ${fieldLook}`}
        />
      </Field>
      {isFiltered && (
        <Button
          look="plain"
          data-testid="audit-clear"
          onClick={() => onChange(noChoice)}
          className="col-span-2 min-h-11 lg:col-span-1"
        >
          {t("audit:clear")}
        </Button>
      )}
    </div>
  );
}

interface FieldProps {
  label: string;
  /** Takes a whole line on narrow screens. */
  isWide?: boolean;
  children: ReactNode;
}

function Field({ label, isWide = false, children }: FieldProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
    <label className={`grid min-w-0 gap-1 ${isWide ? "max-sm:col-span-2" : ""}`}>
      <span className="font-medium text-muted text-xs">{label}</span>
      {children}
    </label>
  );
}
