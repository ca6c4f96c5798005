import type { Chat, MessageContext, Session } from "@syszap/contracts";
import { createContext, use, useMemo } from "react";
import { useNumberFormat } from "../../../i18n/phone-numbers.ts";
import { useParticipants } from "../../../page/queries.ts";
import type { Mentions } from "../../ui/rich-text/formatting.ts";

/** The names of people in the open chat, by number. */
export const NamesContext = createContext<ReadonlyMap<string, string>>(new Map());

/** The names of a chat's client or of a group's participants, and of the session's number. */
export function useNames(chat: Chat | undefined, session: Session | undefined): ReadonlyMap<string, string> {
  const { data: participants } = useParticipants(chat?.id ?? "", Boolean(chat?.group));
  return useMemo(() => {
    const names = new Map<string, string>();
    if (chat?.client?.whatsappNumber) names.set(chat.client.whatsappNumber, chat.client.name);
    for (const { number, name } of participants ?? []) if (number && name) names.set(number, name);
    if (session?.phoneNumber) names.set(session.phoneNumber, session.name);
    return names;
  }, [chat?.client, participants, session?.phoneNumber, session?.name]);
}

/** The people that a message mentions, as the page names them. */
export function useMentions(mentions: MessageContext["mentions"]): Mentions | undefined {
  const names = use(NamesContext);
  const formatNumber = useNumberFormat();
  return mentions?.map(({ text, number }) => ({
    text,
    label: `@${(number !== null && names.get(number)) || formatNumber(number)}`,
  }));
}
