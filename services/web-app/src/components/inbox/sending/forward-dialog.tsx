import type { Chat, Message } from "@syszap/contracts";
import { maxForwardChats } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { avatarOf, chatName } from "../../../i18n/client-name.ts";
import { useNumberFormat } from "../../../i18n/phone-numbers.ts";
import { useChats } from "../../../page/queries.ts";
import { outgoing } from "../../../page/state.ts";
import { Avatar } from "../../ui/avatar.tsx";
import { CheckList } from "../../ui/check-list.tsx";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { useChosen } from "../../ui/use-chosen.ts";

/** Forwards a message to several chats. Each chat shows its message, also when sending it fails. */
export function ForwardDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const [search, setSearch] = useState("");
  const { query, items = [] } = useChats(search);
  const { chosen, chosenIds, listed, isTooMany, choose } = useChosen<Chat>(items, maxForwardChats);
  const send = () => {
    for (const { id } of chosen) outgoing.send(id, message.body, { forward: { messageId: message.id } });
    onClose();
  };
  return (
    <FormDialog
      title={t("sending:forward")}
      testId="forward-dialog"
      submit={{ label: t("inbox:send"), testId: "forward-send", isDisabled: chosen.length === 0 || isTooMany }}
      error={isTooMany ? t("sending:tooManyChats", { count: maxForwardChats }) : query.error}
      onSubmit={send}
      onClose={onClose}
    >
      <SearchField label={t("inbox:search")} onSearch={setSearch} />
      <CheckList
        legend={t("sending:forwardTo")}
        hint={t("sending:forwardHint", { count: maxForwardChats })}
        testId="forward"
        options={listed.map((chat) => ({
          id: chat.id,
          label: chatName(t, chat),
          text: chat.client?.whatsappNumber ? formatNumber(chat.client.whatsappNumber) : undefined,
          icon: <Avatar {...avatarOf(t, chat)} className="size-8 text-xs" />,
        }))}
        chosen={chosenIds}
        onChange={choose}
      />
    </FormDialog>
  );
}
