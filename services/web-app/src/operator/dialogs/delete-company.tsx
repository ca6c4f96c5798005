import type { PlatformCompany } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../../components/ui/form-dialog.tsx";
import { TextField } from "../../components/ui/text-field.tsx";
import { api, useOperatorMutation } from "../operator-api.ts";

/** Schedules the deletion of a company whose name the operator types. */
export function DeleteCompany({ company, onClose }: { company: PlatformCompany; onClose: () => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const schedule = useOperatorMutation(async () => {
    await api.call("scheduleCompanyDeletion", { params: { id: company.id }, body: { name: typed } });
    onClose();
  });
  return (
    <FormDialog
      title={t("operator:delete.title")}
      testId="delete-company"
      submit={{
        label: t("operator:delete.submit"),
        testId: "delete-company-save",
        isDisabled: typed.trim() !== company.name || schedule.isPending,
        isDanger: true,
      }}
      error={schedule.error}
      onSubmit={() => schedule.mutate(undefined)}
      onClose={onClose}
    >
      <p className="text-muted">{t("operator:delete.text")}</p>
      <TextField
        label={t("operator:delete.label", { name: company.name })}
        testId="delete-company-name"
        autoComplete="off"
        value={typed}
        onText={setTyped}
      />
    </FormDialog>
  );
}
