import type { PlatformHealth } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryOne } from "../../sql/query.ts";

type StoredState = Pick<PlatformHealth, "sessions" | "unpublished" | "deadLetters"> & { connectors: number };

/** Counts over all companies, for operators. Nothing of it is content. */
export class PlatformState {
  constructor(private readonly db: Knex) {}

  async read(): Promise<StoredState> {
    const { connectors, unpublished, deadLetters, ...sessions } = await queryOne<
      StoredState["sessions"] & Omit<StoredState, "sessions">
    >(
      this.db,
      `select count(*) filter (where status = 'connected')::int as connected,
         count(*) filter (where status = 'connecting')::int as connecting,
         count(*) filter (where status = 'qr')::int as qr,
         count(*) filter (where status = 'disconnected')::int as disconnected,
         (select count(distinct owner)::int from session_leases where lease_until > clock_timestamp()) as connectors,
         (select count(*)::int from outbox where published_at is null) as unpublished,
         (select count(*)::int from dead_letters where state = 'resting') as "deadLetters"
       from whatsapp_sessions where removed_at is null`,
    );
    return { connectors, unpublished, deadLetters, sessions };
  }
}
