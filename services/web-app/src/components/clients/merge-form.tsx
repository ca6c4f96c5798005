import type { Client, ClientDetails } from "@syszap/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { clientName } from "../../i18n/client-name.ts";
import { useNumberFormat } from "../../i18n/phone-numbers.ts";
import { api } from "../../page/api.ts";
import { useClients } from "../../page/queries.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { useClientMutation } from "./use-client.ts";

interface MergeFormProps {
  client: ClientDetails;
  onClose: () => void;
}

const maxShown = 20;

/** Chooses the client that is the same person. */
export function MergeForm({ client, onClose }: MergeFormProps) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const [search, setSearch] = useState("");
  const [other, setOther] = useState<Client>();
  const { items = [] } = useClients(search);
  const merge = useClientMutation(client.id, async () => {
    const merged = await api.call("mergeClients", { params: { id: client.id }, body: { clientId: other?.id ?? "" } });
    onClose();
    return merged;
  });
  const offered = items.filter(({ id }) => id !== client.id).slice(0, maxShown);
  return (
    <FormDialog
      title={t("clients:merge.title", { name: clientName(t, client.name) })}
      testId="merge-form"
      submit={{
        label: t("clients:merge.action"),
        testId: "merge-save",
        isDisabled: other === undefined || merge.isPending,
        isDanger: true,
      }}
      error={merge.error}
      onSubmit={() => merge.mutate()}
      onClose={onClose}
    >
      <p className="text-muted text-sm">{t("clients:merge.text")}</p>
      <SearchField label={t("clients:search")} onSearch={setSearch} />
      <fieldset className="grid max-h-72 gap-0.5 overflow-y-auto rounded-lg border border-line p-1">
        <legend className="sr-only">{t("clients:merge.legend")}</legend>
        {offered.map((each) => (
          <label
            key={each.id}
            className="flex min-h-11 cursor-pointer items-center gap-3 rounded-md px-2.5 py-1.5 text-sm hover:bg-hover"
          >
            <input
              type="radio"
              name="other"
              data-testid={`merge-${each.id}`}
              checked={other?.id === each.id}
              onChange={() => setOther(each)}
              className="size-4 shrink-0 accent-accent"
            />
            <span className="grid min-w-0">
              <span dir="auto" className="truncate">
                {clientName(t, each.name)}
              </span>
              <span className="text-muted text-xs tabular-nums">{formatNumber(each.whatsappNumber)}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </FormDialog>
  );
}
