import type { ClientDetails } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { clientName } from "../../i18n/client-name.ts";
import { useFormats } from "../../i18n/format.ts";
import { useNumberFormat } from "../../i18n/phone-numbers.ts";
import { api } from "../../page/api.ts";
import { CheckList } from "../ui/check-list.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";
import { useClientMutation } from "./use-client.ts";

interface SplitFormProps {
  client: ClientDetails;
  onClose: () => void;
}

/** Chooses which numbers belong to another person. */
export function SplitForm({ client, onClose }: SplitFormProps) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const { full } = useFormats();
  const [addressIds, setAddressIds] = useState<string[]>([]);
  const [from, setFrom] = useState("");
  const [name, setName] = useState("");
  const current = client.addresses.filter(({ isCurrent }) => isCurrent);
  const isAll = addressIds.length === current.length;
  const split = useClientMutation(client.id, async () => {
    const body = {
      addressIds,
      ...(from !== "" && { from: new Date(from).toISOString() }),
      ...(name.trim() !== "" && { name: name.trim() }),
    };
    const created = await api.call("splitClient", { params: { id: client.id }, body });
    onClose();
    return created;
  });
  return (
    <FormDialog
      title={t("clients:split.title", { name: clientName(t, client.name) })}
      testId="split-form"
      submit={{
        label: t("clients:split.action"),
        testId: "split-save",
        isDisabled: addressIds.length === 0 || (isAll && from === "") || split.isPending,
        isDanger: true,
      }}
      error={split.error}
      onSubmit={() => split.mutate()}
      onClose={onClose}
    >
      <p className="text-muted text-sm">{t("clients:split.text")}</p>
      <CheckList
        legend={t("clients:split.legend")}
        options={current.map(({ id, number, lastSeenAt }) => ({
          id,
          label: formatNumber(number),
          text: lastSeenAt === null ? undefined : t("clients:split.lastSeen", { time: full(lastSeenAt) }),
        }))}
        chosen={addressIds}
        testId="address"
        onChange={setAddressIds}
      />
      <TextField
        type="datetime-local"
        label={t("clients:split.from")}
        hint={t("clients:split.fromHint")}
        testId="split-from"
        value={from}
        required={isAll}
        onText={setFrom}
      />
      <TextField
        label={t("clients:split.name")}
        testId="split-name"
        value={name}
        maxLength={500}
        autoComplete="off"
        onText={setName}
      />
    </FormDialog>
  );
}
