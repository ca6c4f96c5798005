import type { PlatformHealth } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryOne, queryRow } from "../../sql/query.ts";

type StoredState = Pick<
  PlatformHealth,
  "sessions" | "unpublished" | "oldestUnpublishedAt" | "deadLetters" | "lastMigration"
> & { connectors: number; leases: Omit<PlatformHealth["leases"], "unclaimed"> };

interface Counts {
  connected: number;
  connecting: number;
  qr: number;
  disconnected: number;
  connectors: number;
  held: number;
  expired: number;
  unpublished: number;
  oldestUnpublishedAt: Date | null;
  deadLetters: number;
}

/** Counts over all companies, for operators. Nothing of it is content. */
export class PlatformState {
  constructor(private readonly db: Knex) {}

  async read(): Promise<StoredState> {
    const [counts, migration] = await Promise.all([this.count(), this.lastMigration()]);
    const { connected, connecting, qr, disconnected, held, expired, oldestUnpublishedAt, ...others } = counts;
    return {
      ...others,
      sessions: { connected, connecting, qr, disconnected },
      leases: { held, expired },
      oldestUnpublishedAt: oldestUnpublishedAt?.toISOString() ?? null,
      lastMigration: migration ?? null,
    };
  }

  private count(): Promise<Counts> {
    return queryOne<Counts>(
      this.db,
      `select count(*) filter (where status = 'connected')::int as connected,
         count(*) filter (where status = 'connecting')::int as connecting,
         count(*) filter (where status = 'qr')::int as qr,
         count(*) filter (where status = 'disconnected')::int as disconnected,
         l.*, o.*, (select count(*)::int from dead_letters where state = 'resting') as "deadLetters"
       from (select count(distinct owner) filter (where lease_until > clock_timestamp())::int as connectors,
               count(owner) filter (where lease_until > clock_timestamp())::int as held,
               count(owner) filter (where lease_until <= clock_timestamp())::int as expired
             from session_leases) l
         cross join (select count(*)::int as unpublished, min(created_at) as "oldestUnpublishedAt"
                     from outbox where published_at is null) o
         left join whatsapp_sessions s on s.removed_at is null
       group by l.connectors, l.held, l.expired, o.unpublished, o."oldestUnpublishedAt"`,
    );
  }

  private async lastMigration(): Promise<StoredState["lastMigration"] | undefined> {
    const row = await queryRow<{ name: string; ranAt: Date }>(
      this.db,
      `select name, migration_time as "ranAt" from knex_migrations order by id desc limit 1`,
    );
    return row && { name: row.name, ranAt: row.ranAt.toISOString() };
  }
}
