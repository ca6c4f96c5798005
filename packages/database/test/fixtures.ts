import { randomUUID } from "node:crypto";
import type { Chat, Client, DurableEvent, Session } from "@syszap/contracts";
import { databaseTest } from "@syszap/testing";
import { type Knex, knex } from "knex";
import { type CompanyUnit, connectDatabase, type Database, type EventPosition, type NewMessage } from "../src/index.ts";

/** Takes the place of the event bus: records publications, and fails or waits on request. */
export class TestPublisher {
  readonly published: { companyId: string; event: DurableEvent }[] = [];
  failure: Error | undefined;
  private held: { reach: () => void; released: Promise<void> } | undefined;

  private seq = 0;

  /** Returns increasing positions, like the log of one company. */
  async publish(companyId: string, events: DurableEvent[]): Promise<EventPosition[]> {
    const { held } = this;
    this.held = undefined;
    held?.reach();
    await held?.released;
    if (this.failure) throw this.failure;
    for (const event of events) this.published.push({ companyId, event });
    return events.map(() => ({ epoch: 1, seq: ++this.seq }));
  }

  /** Holds the next publication: `reached` resolves when it starts, and `release` lets it finish. */
  holdNext(): { reached: Promise<void>; release: () => void } {
    let reach = () => {};
    let release = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.held = { reach: () => reach(), released };
    return { reached, release: () => release() };
  }
}

export const test = databaseTest.extend<{ publisher: TestPublisher; db: Database; owner: Knex }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
  publisher: async ({}, use) => {
    await use(new TestPublisher());
  },
  db: async ({ database, publisher }, use) => {
    const db = connectDatabase({
      appUrl: database.appUrl,
      systemUrl: database.systemUrl,
      maxConnections: 4,
      publish: (companyId, events) => publisher.publish(companyId, events),
    });
    await use(db);
    await db.close();
  },
  owner: async ({ database }, use) => {
    const owner = openKnex(database.ownerUrl);
    await use(owner);
    await owner.destroy();
  },
});

/**
 * Rows of the matching tables that this session has read. Postgres adds them to its statistics later, so only differences within a
 * transaction count.
 */
export async function tuplesRead(trx: Knex.Transaction, tables: string): Promise<number> {
  const { rows } = await trx.raw<{ rows: [{ count: number }] }>(
    `select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::int as count from pg_stat_xact_user_tables
     where relname like ?`,
    [tables],
  );
  return rows[0].count;
}

export const openKnex = (connection: string) => knex({ client: "pg", connection, pool: { min: 0, max: 3 } });

export interface Inbox {
  companyId: string;
  userId: string;
  session: Session;
  client: Client;
  chat: Chat;
}

let numbers = 5_511_900_000_000;
export const newNumber = () => String(numbers++);

/** A company with a user, a session, and one client's chat. */
export async function openInbox(db: Database): Promise<Inbox> {
  const { id: companyId } = await db.system.companies.create({ name: "Padaria São João" });
  const { userId } = await db.system.logins.createUser({
    companyId,
    email: `${randomUUID()}@example.com`,
    name: "Ana",
    role: "owner",
    passwordHash: "none",
  });
  return db.withCompany(companyId, async (unit) => {
    const session = await unit.sessions.create({ name: "Vendas", engine: "simulator" });
    const { client, chat } = await openChat(unit, { sessionId: session.id, number: newNumber(), name: "João" });
    return { companyId, userId, session, client, chat };
  });
}

export async function openChat(
  unit: CompanyUnit,
  contact: { sessionId: string; number: string; name: string | null; contactAt?: Date },
): Promise<{ client: Client; chat: Chat }> {
  const { client } = await unit.clientResolver.touchFromMessage({ contactAt: new Date(1_000), ...contact });
  const waChatId = `${contact.number}@c.us`;
  return {
    client,
    chat: await unit.chatRecorder.upsert({ sessionId: contact.sessionId, waChatId, clientId: client.id }),
  };
}

let receipts = 0;
export function newMessage(inbox: Inbox, overrides: Partial<NewMessage> = {}): NewMessage {
  return {
    chatId: inbox.chat.id,
    sessionId: inbox.session.id,
    direction: 0,
    waKey: randomUUID(),
    kind: "text",
    body: "bom dia",
    status: null,
    mediaId: null,
    timestampMs: 1_700_000_000_000,
    generation: 1,
    receipt: ++receipts,
    ...overrides,
  };
}

/** Claims the session for a connector and returns the generation of the lease. */
export async function claimSession(db: Database, inbox: Inbox, connectorId = "connector-a"): Promise<number> {
  await db.withCompany(inbox.companyId, (unit) => unit.sessions.setDesiredState(inbox.session.id, "running"));
  const leases = await db.system.leases.claim({ connectorId, limit: 100, holding: [] });
  const lease = leases.find(({ sessionId }) => sessionId === inbox.session.id);
  if (!lease) throw new Error("the session was not claimed");
  return lease.generation;
}
