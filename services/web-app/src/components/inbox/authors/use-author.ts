import type { Message } from "@syszap/contracts";
import { direction as directions } from "@syszap/contracts/constants";
import { createContext, use } from "react";
import { useTranslation } from "react-i18next";
import { useParticipantName } from "../../../i18n/participant-name.ts";
import { useMe } from "../../../page/me.ts";

/** The client's name in the open chat. */
export const CustomerContext = createContext<string | undefined>(undefined);

/** The author of a message, as the page names the person. Nobody signed in to sysZap wrote a message of the `phone`. */
export interface ShownAuthor {
  kind: "me" | "colleague" | "phone" | "client" | "participant";
  name: string;
}
type Authored = Pick<Message, "direction" | "author" | "sender">;

export function useAuthor({ direction, author, sender }: Authored): ShownAuthor {
  const { t } = useTranslation();
  const me = useMe();
  const customer = use(CustomerContext);
  const nameOf = useParticipantName();
  if (sender) return { kind: "participant", name: nameOf(sender) };
  if (direction === directions.in) return { kind: "client", name: customer ?? t("sending:customer") };
  if (!author) return { kind: "phone", name: t("inbox:phone") };
  return author.id === me.userId ? { kind: "me", name: t("inbox:you") } : { kind: "colleague", name: author.name };
}

/** Whether two messages that follow each other belong to one group, which names its author once. */
export const isSameAuthor = (one: Authored, other: Authored): boolean =>
  one.direction === other.direction &&
  one.author?.id === other.author?.id &&
  one.sender?.number === other.sender?.number &&
  one.sender?.name === other.sender?.name;
