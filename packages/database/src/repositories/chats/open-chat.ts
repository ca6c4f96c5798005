import { queryOne, type Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import { lockClient } from "../clients/client-resolver.ts";

/**
 * Answers with the chat's id. A number that was unknown stays invisible, as one of which only a name was heard, until the first
 * message makes it a client.
 */
export async function openChat(
  scope: Scope,
  chat: { sessionId: string; number: string; name: string | null },
): Promise<string> {
  const clientId = await lockClient(scope, chat, () => undefined);
  const { id } = await queryOne<{ id: string }>(
    scope.db,
    `with named as (
       update clients set name = :name where company_id = :companyId and id = :clientId
         and name is null and registered_at is null
     )
     insert into chats as ch (company_id, session_id, wa_chat_id, client_id)
     values (:companyId, :sessionId, :waChatId, :clientId)
     on conflict (company_id, session_id, client_id) do update set wa_chat_id = ch.wa_chat_id returning id`,
    {
      companyId: scope.companyId,
      sessionId: chat.sessionId,
      clientId,
      name: chat.name === null ? null : toStorableText(chat.name),
      waChatId: `${chat.number}@c.us`,
    },
  );
  return id;
}
