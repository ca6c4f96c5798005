import type { OneTimePassword } from "@syszap/contracts";
import { maxOperatorNameLength, problemTypes } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/api-error.ts";
import { FormDialog } from "../../components/ui/form-dialog.tsx";
import { TextField } from "../../components/ui/text-field.tsx";
import { api, useOperatorMutation } from "../operator-api.ts";

interface CreateOperatorProps {
  onCreated: (created: OneTimePassword) => void;
  onClose: () => void;
}

export function CreateOperator({ onCreated, onClose }: CreateOperatorProps) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const create = useOperatorMutation(async () =>
    onCreated(await api.call("createOperator", { body: { name: name.trim(), email: email.trim() } })),
  );
  const isTaken = create.error instanceof ApiError && create.error.status === problemTypes.conflict.status;
  return (
    <FormDialog
      title={t("operator:operators.new")}
      testId="create-operator"
      submit={{
        label: t("operator:operators.create"),
        testId: "create-operator-save",
        isDisabled: name.trim() === "" || email.trim() === "" || create.isPending,
      }}
      error={isTaken ? t("operator:operators.taken") : create.error}
      onSubmit={() => create.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={t("operator:operators.name")}
        testId="create-operator-name"
        required
        maxLength={maxOperatorNameLength}
        autoComplete="off"
        value={name}
        onText={setName}
      />
      <TextField
        label={t("login:email")}
        hint={t("operator:operators.hint")}
        testId="create-operator-email"
        type="email"
        required
        autoComplete="off"
        value={email}
        onText={setEmail}
      />
    </FormDialog>
  );
}
