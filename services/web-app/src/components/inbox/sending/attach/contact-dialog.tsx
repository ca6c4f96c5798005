import type { Client } from "@syszap/contracts";
import { maxSentContacts } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { clientName } from "../../../../i18n/client-name.ts";
import { useNumberFormat } from "../../../../i18n/phone-numbers.ts";
import { useClients } from "../../../../page/queries.ts";
import { Avatar } from "../../../ui/avatar.tsx";
import { CheckList } from "../../../ui/check-list.tsx";
import { FormDialog } from "../../../ui/form-dialog.tsx";
import { SearchField } from "../../../ui/search-field.tsx";
import { useChosen } from "../../../ui/use-chosen.ts";
import type { ContentDialogProps } from "./content-dialog.ts";

type KnownClient = Client & { whatsappNumber: string };
const hasNumber = (client: Client): client is KnownClient => client.whatsappNumber !== null;

/** Sends cards of clients whose numbers are known. */
export function ContactDialog({ onSend, onClose }: ContentDialogProps) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const [search, setSearch] = useState("");
  const { query, items = [] } = useClients(search);
  const { chosen, chosenIds, listed, isTooMany, choose } = useChosen(items.filter(hasNumber), maxSentContacts);
  const send = () => {
    const contacts = chosen.map(({ name, whatsappNumber }) => ({
      name: clientName(t, name),
      organisation: null,
      numbers: [{ text: formatNumber(whatsappNumber), whatsAppNumber: whatsappNumber }],
    }));
    onSend({ contacts }, contacts.map(({ name }) => name).join(", "));
  };
  return (
    <FormDialog
      title={t("sending:attachKind.contacts")}
      testId="contact-dialog"
      submit={{ label: t("inbox:send"), testId: "contact-send", isDisabled: chosen.length === 0 || isTooMany }}
      error={isTooMany ? t("sending:tooManyContacts", { count: maxSentContacts }) : query.error}
      onSubmit={send}
      onClose={onClose}
    >
      <SearchField label={t("clients:search")} onSearch={setSearch} />
      <CheckList
        legend={t("clients:title")}
        testId="contact"
        options={listed.map(({ id, name, whatsappNumber, profilePictureUrl }) => ({
          id,
          label: clientName(t, name),
          text: formatNumber(whatsappNumber),
          icon: <Avatar name={name} pictureUrl={profilePictureUrl} className="size-8 text-xs" />,
        }))}
        chosen={chosenIds}
        onChange={choose}
      />
    </FormDialog>
  );
}
