import type { Phone } from "@syszap/whatsapp-web-stand-in";
import pg from "pg";
import type { ConsumerEvent } from "./compare-events.ts";
import type { StoredMessage, WhatsAppMessage } from "./compare-messages.ts";

/** The messages of the phone's account in the stand-in, which is the reference. */
export function whatsAppMessagesOf({ number: phone, account }: Phone): WhatsAppMessage[] {
  return account.messages.map((message) => ({
    phone,
    key: message.id.split("_")[2] ?? "",
    isOurs: message.fromMe,
    number: account.numberOf(message.chat),
    body: message.media ? (message.caption ?? "") : message.body,
    ack: message.ack,
    sha256: message.media && Buffer.from(message.media.filehash, "base64").toString("hex"),
  }));
}

/** Reads tables as their owner, without row-level security. */
export class DatabaseReader {
  private readonly pool: pg.Pool;

  constructor(ownerUrl: string) {
    this.pool = new pg.Pool({ connectionString: ownerUrl, max: 2 });
    this.pool.on("error", () => undefined);
  }

  /** All messages in the order in which pages show them. `phones` maps session ids to numbers. */
  async messages(companyId: string, phones: ReadonlyMap<string, string>): Promise<StoredMessage[]> {
    const { rows } = await this.pool.query<Omit<StoredMessage, "phone"> & { sessionId: string }>(
      `select m.id, m.session_id as "sessionId", m.wa_key as key, m.direction = 1 as "isOurs", m.body, m.status,
         c.whatsapp_number as number, m.user_id is not null as "wasQueued", f.sha256,
         m.missing_media->>'reason' as "missingFile"
       from messages m
       join chats ch on ch.company_id = m.company_id and ch.id = m.chat_id
       join clients c on c.company_id = m.company_id and c.id = ch.client_id
       left join media f on f.company_id = m.company_id and f.id = m.media_id
       where m.company_id = $1 order by m.source_order, m.id`,
      [companyId],
    );
    return rows.map(({ sessionId, ...row }) => ({ ...row, phone: phones.get(sessionId) ?? sessionId }));
  }

  /** The event log that consumers read. */
  async eventLog(companyId: string): Promise<ConsumerEvent[]> {
    const { rows } = await this.pool.query<Record<"position" | "id" | "type", string>>(
      `select position, event_id as id, event_type as type from event_log where company_id = $1 order by position`,
      [companyId],
    );
    return rows.map((row) => ({ ...row, position: Number(row.position) }));
  }

  /** Number of messages to be sent and of events to be published. */
  async waiting(companyId: string): Promise<number> {
    return this.count(
      `select (select count(*) from messages where company_id = $1 and status = 'queued')
         + (select count(*) from outbox where company_id = $1 and published_at is null) as found`,
      companyId,
    );
  }

  async deadLetters(companyId: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ job_name: string; reason: string }>(
      "select job_name, reason from dead_letters where company_id = $1",
      [companyId],
    );
    return rows.map(({ job_name, reason }) => `dead letter: job "${job_name}" failed: ${reason}`);
  }

  /** The connector with a valid lease, by session id. */
  async owners(companyId: string): Promise<Map<string, string>> {
    const { rows } = await this.pool.query<{ session_id: string; owner: string }>(
      "select session_id, owner from session_leases where company_id = $1 and lease_until > now() and owner is not null",
      [companyId],
    );
    return new Map(rows.map(({ session_id, owner }) => [session_id, owner]));
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async count(statement: string, companyId: string): Promise<number> {
    const { rows } = await this.pool.query<{ found: string }>(statement, [companyId]);
    return Number(rows[0]?.found ?? 0);
  }
}
