import { queryOne, type Scope } from "../rows/query.ts";
import { toStorableText } from "../rows/storable-text.ts";

/**
 * Answers with the chat's id. A number that was unknown stays invisible, as one of which only a name was heard, until the first
 * message makes it a client.
 */
export async function openChat(
  scope: Scope,
  chat: { sessionId: string; number: string; name: string | null },
): Promise<string> {
  const { id } = await queryOne<{ id: string }>(
    scope.db,
    `with client as (
       insert into clients as c (company_id, whatsapp_number, name) values (:companyId, :number, :name)
       on conflict (company_id, whatsapp_number) do update set whatsapp_number = c.whatsapp_number returning id
     )
     insert into chats as ch (company_id, session_id, wa_chat_id, client_id)
     select :companyId, :sessionId, :waChatId, id from client
     on conflict (company_id, session_id, client_id) do update set wa_chat_id = ch.wa_chat_id returning id`,
    {
      companyId: scope.companyId,
      sessionId: chat.sessionId,
      number: chat.number,
      name: chat.name === null ? null : toStorableText(chat.name),
      waChatId: `${chat.number}@c.us`,
    },
  );
  return id;
}
