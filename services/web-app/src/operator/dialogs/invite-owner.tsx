import type { OwnerInvitation } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../../components/ui/form-dialog.tsx";
import { TextField } from "../../components/ui/text-field.tsx";
import { languageOf } from "../../i18n/index.ts";
import { api, useOperatorMutation } from "../operator-api.ts";

interface InviteOwnerProps {
  companyId: string;
  onInvited: (invitation: OwnerInvitation) => void;
  onClose: () => void;
}

/** Invites another owner, such as when the first one never received the link. */
export function InviteOwner({ companyId, onInvited, onClose }: InviteOwnerProps) {
  const { t, i18n } = useTranslation();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const invite = useOperatorMutation(async () => {
    const body = { name: name.trim(), email: email.trim(), language: languageOf(i18n.language) };
    onInvited(await api.call("inviteOwner", { params: { id: companyId }, body }));
  });
  return (
    <FormDialog
      title={t("operator:company.inviteOwner")}
      testId="invite-owner"
      submit={{
        label: t("operator:company.invite"),
        testId: "invite-owner-save",
        isDisabled: name.trim() === "" || email.trim() === "" || invite.isPending,
      }}
      error={invite.error}
      onSubmit={() => invite.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={t("operator:create.ownerName")}
        testId="invite-owner-name"
        required
        maxLength={80}
        value={name}
        onText={setName}
      />
      <TextField
        label={t("operator:create.ownerEmail")}
        testId="invite-owner-email"
        type="email"
        required
        value={email}
        onText={setEmail}
      />
    </FormDialog>
  );
}
