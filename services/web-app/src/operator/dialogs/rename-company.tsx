import type { PlatformCompany } from "@syszap/contracts";
import { maxCompanyNameLength } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../../components/ui/form-dialog.tsx";
import { TextField } from "../../components/ui/text-field.tsx";
import { api, useOperatorMutation } from "../operator-api.ts";

export function RenameCompany({ company, onClose }: { company: PlatformCompany; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(company.name);
  const rename = useOperatorMutation(async () => {
    await api.call("renameCompany", { params: { id: company.id }, body: { name: name.trim() } });
    onClose();
  });
  return (
    <FormDialog
      title={t("operator:company.rename")}
      testId="rename-company"
      submit={{
        label: t("operator:company.save"),
        testId: "rename-company-save",
        isDisabled: name.trim() === "" || rename.isPending,
      }}
      error={rename.error}
      onSubmit={() => rename.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={t("operator:create.name")}
        testId="rename-company-name"
        required
        maxLength={maxCompanyNameLength}
        value={name}
        onText={setName}
      />
    </FormDialog>
  );
}
