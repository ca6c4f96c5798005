import type { Chat } from "@syszap/contracts";
import type { TFunction } from "i18next";

/** The name under which a client is shown. WhatsApp hides the numbers of some people, who may have no name either. */
export const clientName = (t: TFunction, name: string): string => name || t("clients:hiddenNumber");

/** The name under which a chat is shown: that of its client, or the subject of its group. */
export const chatName = (t: TFunction, { client, group }: Pick<Chat, "client" | "group">): string =>
  client ? clientName(t, client.name) : group?.subject || t("inbox:group.noSubject");

/** Picture, name and kind of a chat, for its avatar. */
export const avatarOf = (t: TFunction, chat: Pick<Chat, "client" | "group">) => ({
  name: chat.client?.name ?? chatName(t, chat),
  pictureUrl: chatPicture(chat),
  isGroup: chat.group !== null,
});

const chatPicture = ({ client, group }: Pick<Chat, "client" | "group">): string | null =>
  (client ? client.profilePictureUrl : group?.pictureUrl) ?? null;
