import type { AnswerOf } from "@syszap/contracts";
import { maxCompanyNameLength, problemTypes } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/api-error.ts";
import { FormDialog } from "../../components/ui/form-dialog.tsx";
import { TextField } from "../../components/ui/text-field.tsx";
import { languageOf } from "../../i18n/index.ts";
import { api, useOperatorMutation } from "../operator-api.ts";

interface CreateCompanyProps {
  onCreated: (created: AnswerOf<"createCompany">) => void;
  onClose: () => void;
}

/** Creates a company and invites its first owner. */
export function CreateCompany({ onCreated, onClose }: CreateCompanyProps) {
  const { t, i18n } = useTranslation();
  const [name, setName] = useState("");
  const [ownerName, setOwnerName] = useState("");
  const [email, setEmail] = useState("");
  const create = useOperatorMutation(async () => {
    const owner = { name: ownerName.trim(), email: email.trim(), language: languageOf(i18n.language) };
    onCreated(await api.call("createCompany", { body: { name: name.trim(), owner } }));
  });
  const isTaken = create.error instanceof ApiError && create.error.status === problemTypes.conflict.status;
  const isComplete = [name, ownerName, email].every((text) => text.trim() !== "");
  return (
    <FormDialog
      title={t("operator:create.title")}
      testId="create-company"
      submit={{
        label: t("operator:create.submit"),
        testId: "create-company-save",
        isDisabled: !isComplete || create.isPending,
      }}
      error={isTaken ? t("operator:create.taken") : create.error}
      onSubmit={() => create.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={t("operator:create.name")}
        testId="create-company-name"
        required
        maxLength={maxCompanyNameLength}
        value={name}
        onText={setName}
      />
      <TextField
        label={t("operator:create.ownerName")}
        testId="create-company-owner"
        required
        maxLength={80}
        autoComplete="off"
        value={ownerName}
        onText={setOwnerName}
      />
      <TextField
        label={t("operator:create.ownerEmail")}
        hint={t("operator:create.ownerHint")}
        testId="create-company-email"
        type="email"
        required
        autoComplete="off"
        value={email}
        onText={setEmail}
      />
    </FormDialog>
  );
}
