import pg from "pg";
import type { Tenant } from "../environment/pipeline-environment.ts";

/** Data volume of one company. */
export interface Volume {
  /** Number of clients. Each has one chat. */
  clients: number;
  messages: number;
}

/** Time of the first message. It is early enough that no message lies in the future. */
const firstMs = 1_700_000_000_000;
const spacingMs = 100;

const firstNames = ["Ana", "João", "Maria", "José", "Antônia", "Luís", "Célia", "Zé", "Conceição", "Márcio", "Inês"];
const moreNames = ["Beatriz", "Caio", "Débora", "Érica", "Flávio", "Gustavo", "Heloísa", "Íris", "Júlia", "Paulo"];
const familyNames = ["Silva", "Araújo", "Gonçalves", "Simões", "Pacheco", "Corrêa", "Assunção", "Brandão", "Muniz"];
const sentences = [
  "Bom dia! Vocês têm bolo de cenoura para sábado?",
  "Qual é o prazo de entrega para o interior?",
  "Segue o comprovante do pagamento, obrigada 🙏",
  "Não recebi o pedido ainda, podem verificar por favor?",
  "ok",
];
const textArray = (values: readonly string[]) => `array[${values.map((value) => pg.escapeLiteral(value)).join(",")}]`;

/**
 * Generates clients, chats and messages of a company inside Postgres. A few chats have most of the messages (the first one a
 * thirtieth of all). The messages of a chat are scattered over the table, as when many customers write at the same time.
 */
export async function fill(client: pg.Client, { companyId, sessionId }: Tenant, volume: Volume): Promise<void> {
  // Skips foreign key checks: all generated references are valid.
  await client.query("set session_replication_role = replica");
  await client.query("select setseed(0.5)");
  await client.query("drop table if exists filled");
  await client.query(`create temp table filled as
    select n, gen_random_uuid() as client_id, gen_random_uuid() as chat_id from generate_series(0, ${volume.clients - 1}) n`);
  await client.query("create unique index on filled (n)");
  await client.query(fillClients, [companyId]);
  await client.query(fillIdentities, [companyId]);
  await client.query(fillChats, [companyId, sessionId]);
  await client.query(fillMessages(volume), [companyId, sessionId]);
  // With the old statistics, the next two statements would use nested loops over all rows.
  await client.query("analyze clients, chats, messages");
  await client.query(noteLastMessages, [companyId]);
  await client.query(noteLastContacts, [companyId]);
  await client.query("reset session_replication_role");
}

const picked = (values: readonly string[], from: string) => `(${textArray(values)})[1 + (${from}) % ${values.length}]`;

const fillClients = `
  insert into clients (company_id, id, whatsapp_number, name, name_at, registered_at)
  select $1, client_id, '55' || (11 + n % 80) || '9' || lpad(((n::bigint * 7919) % 100000000)::text, 8, '0'),
    ${picked([...firstNames, ...moreNames], "n")} || ' ' || ${picked(familyNames, "n / 21")} || ' ' || upper(substr(md5(n::text), 1, 4)),
    now(), now()
  from filled order by random()`;

/** Without them, a message of the number would belong to a new client. */
const fillIdentities = `
  insert into client_identities (company_id, kind, value, client_id)
  select $1, 'phone', whatsapp_number, id from clients where company_id = $1 on conflict do nothing`;

const fillChats = `
  insert into chats (company_id, id, session_id, wa_chat_id, client_id)
  select c.company_id, f.chat_id, $2, c.whatsapp_number || '@c.us', f.client_id
  from filled f join clients c on c.company_id = $1 and c.id = f.client_id`;

const fillMessages = ({ clients, messages }: Volume) => `
  insert into messages (company_id, session_id, chat_id, direction, wa_key, type, body, status, source_order, occurred_at)
  select $1, $2, f.chat_id, i % 3 % 2, '3EB0' || upper(substr(md5(i::text), 1, 18)), 0,
    ${picked(sentences, "i")} || ' ' || i, case i % 3 % 2 when 1 then 'read' end,
    lpad(at_ms::text, 15, '0') || '-0000000001-' || lpad(i::text, 12, '0'), to_timestamp(at_ms / 1000.0)
  from (
    -- Each chat has its first message before any has its second.
    select i, ${firstMs} + i::bigint * ${spacingMs} as at_ms,
      case when i < ${clients} then i else floor(power(random(), 3) * ${clients})::integer end as n
    from generate_series(0, ${messages - 1}) i
  ) made join filled f using (n)
  order by i`;

const noteLastMessages = `
  update chats c set last_message_id = last.id, last_message_order = last.source_order
  from (select distinct on (chat_id) chat_id, id, source_order from messages where company_id = $1
    order by chat_id, source_order desc) last
  where c.company_id = $1 and c.id = last.chat_id`;

const noteLastContacts = `
  update clients c set last_contact_at = m.occurred_at
  from chats ch join messages m on m.company_id = ch.company_id and m.id = ch.last_message_id
  where c.company_id = $1 and ch.company_id = $1 and ch.client_id = c.id`;
