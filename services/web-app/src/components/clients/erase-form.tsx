import type { ClientDetails } from "@syszap/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { clientName } from "../../i18n/client-name.ts";
import { api } from "../../page/api.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";

interface EraseFormProps {
  client: ClientDetails;
  onErased: () => void;
  onClose: () => void;
}

/** Erases a client for good, after its name was typed. A client without a name needs no typing. */
export function EraseForm({ client, onErased, onClose }: EraseFormProps) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [name, setName] = useState("");
  const erase = useMutation({
    mutationFn: () => api.call("eraseClient", { params: { id: client.id }, body: { name } }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ["clients"] });
      void cache.invalidateQueries({ queryKey: ["chats"] });
      toast.success(t("clients:erase.done"));
      onErased();
    },
  });
  return (
    <FormDialog
      title={t("clients:erase.title", { name: clientName(t, client.name) })}
      testId="erase-form"
      submit={{
        label: t("clients:erase.action"),
        testId: "erase-save",
        isDisabled: name !== client.name || erase.isPending,
        isDanger: true,
      }}
      error={erase.error}
      onSubmit={() => erase.mutate()}
      onClose={onClose}
    >
      <p className="text-sm">{t("clients:erase.text")}</p>
      <p className="text-muted text-sm">{t("clients:erase.kept")}</p>
      {client.name !== "" && (
        <TextField
          label={t("clients:erase.name", { name: client.name })}
          testId="erase-name"
          value={name}
          autoComplete="off"
          onText={setName}
        />
      )}
    </FormDialog>
  );
}
