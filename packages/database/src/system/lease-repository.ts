import { EngineName } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRow, queryRows } from "../sql/query.ts";
import { wantedSession } from "./wanted-session.ts";

/** Default duration of a lease, by the clock of the database. An expired lease may be claimed by any connector. */
export const leaseDurationMs = 45_000;

export interface Lease {
  companyId: string;
  sessionId: string;
  engine: EngineName;
  /** Fencing token: grows with each claim. */
  generation: number;
  /** False when the session should stop: record `stopped`, then release the lease. */
  isWanted: boolean;
}
export interface HeldLease {
  sessionId: string;
  generation: number;
}
/** Health of a session, reported by its owner with a renewal. */
export interface SessionHealth {
  /** Restarts of the engine since the claim. */
  restarts: number;
  /** Memory of the engine's own processes; null when it has none. */
  memoryBytes: number | null;
  /** Time of the engine's last event; null before the first. */
  lastEventAt: Date | null;
}
export interface Renewal {
  /**
   * `settingsVersion` grows with each change of a setting that the session's owner applies. `isMoving`: the owner should hand the
   * session over to another connector.
   */
  renewed: (HeldLease & { isWanted: boolean; isMoving: boolean; settingsVersion: number })[];
  /** Claimed by another connector, or deleted: stop the session at once. A lease in neither list was locked: renew it again. */
  lost: HeldLease[];
}
export interface ClaimRequest {
  connectorId: string;
  /** Identifies the process. It claims nothing when another process is recorded under the id, or when the connector is cordoned. */
  nonce?: string;
  limit: number;
  /**
   * Sessions that this process runs now. Other leases of this connector are left from an earlier process and may be claimed at
   * once.
   */
  holding: readonly string[];
  /**
   * False restricts the claim to leases without an owner and leases of this connector, and leaves expired leases of others
   * alone.
   */
  mayTakeExpired?: boolean;
  leaseMs?: number;
}

interface LeaseRow {
  company_id: string;
  session_id: string;
  engine: string;
  generation: string;
  is_wanted: boolean;
}
interface RenewalRow {
  session_id: string;
  outcome: "renewed" | "lost";
  is_wanted: boolean;
  is_moving: boolean;
  settings_version: number;
}
const until = "clock_timestamp() + :leaseMs * interval '1 millisecond'";

/** Which connector runs which session. Only connectors write it. */
export class LeaseRepository {
  constructor(private readonly db: Knex) {}

  /** Claims at most `limit` sessions: sessions to run, and sessions to stop that are recorded as running but have no owner. */
  async claim(request: ClaimRequest): Promise<Lease[]> {
    await queryRows(
      this.db,
      `insert into session_leases (company_id, session_id)
       select s.company_id, s.id from whatsapp_sessions s
       where ${wantedSession} and not exists (
         select from session_leases l where l.company_id = s.company_id and l.session_id = s.id)
       on conflict do nothing`,
    );
    const rows = await queryRows<LeaseRow>(this.db, claim, {
      connectorId: request.connectorId,
      nonce: request.nonce ?? null,
      limit: request.limit,
      holding: [...request.holding],
      mayTakeExpired: request.mayTakeExpired ?? true,
      leaseMs: request.leaseMs ?? leaseDurationMs,
    });
    return rows.map((row) => ({ ...toLease(row), isWanted: row.is_wanted }));
  }

  /** Extends held leases, including expired ones that nobody claimed. A locked row does not delay the other renewals. */
  async renew(
    connectorId: string,
    held: readonly (HeldLease & { health?: SessionHealth })[],
    leaseMs = leaseDurationMs,
  ): Promise<Renewal> {
    if (held.length === 0) return { renewed: [], lost: [] };
    const rows = await queryRows<RenewalRow>(this.db, renew, {
      connectorId,
      leaseMs,
      held: JSON.stringify(held.map(({ health, ...lease }) => ({ ...lease, ...health }))),
    });
    const outcomes = new Map(rows.map((row) => [row.session_id, row]));
    const renewal: Renewal = { renewed: [], lost: [] };
    for (const { sessionId, generation } of held) {
      const lease = { sessionId, generation };
      const row = outcomes.get(sessionId);
      if (row?.outcome === "renewed")
        renewal.renewed.push({
          ...lease,
          isWanted: row.is_wanted,
          isMoving: row.is_moving,
          settingsVersion: row.settings_version,
        });
      if (row?.outcome === "lost") renewal.lost.push(lease);
    }
    return renewal;
  }

  /** Whether the lease is still held and not expired, by the clock of the database. */
  async isHeld(lease: HeldLease): Promise<boolean> {
    const row = await queryRow(
      this.db,
      `select 1 from session_leases where session_id = :sessionId and generation = :generation
         and lease_until > clock_timestamp()`,
      { sessionId: lease.sessionId, generation: lease.generation },
    );
    return row !== undefined;
  }

  /** Releases a lease, so that it may be claimed at once. False when another connector had claimed it. */
  async release(connectorId: string, lease: HeldLease): Promise<boolean> {
    const row = await queryRow(
      this.db,
      `update session_leases set owner = null, lease_until = '-infinity'
       where session_id = :sessionId and owner = :connectorId and generation = :generation returning session_id`,
      { connectorId, sessionId: lease.sessionId, generation: lease.generation },
    );
    return row !== undefined;
  }
}

const toLease = (row: LeaseRow): Omit<Lease, "isWanted"> => ({
  companyId: row.company_id,
  sessionId: row.session_id,
  engine: EngineName.parse(row.engine),
  generation: Number(row.generation),
});

const claim = `
  with candidates as (
    select l.company_id, l.session_id, s.engine, ${wantedSession} as is_wanted
    from session_leases l join whatsapp_sessions s on s.company_id = l.company_id and s.id = l.session_id
    where (${wantedSession} or s.status <> 'disconnected')
      and (l.owner is null
        or (l.owner = :connectorId and not l.session_id = any(:holding::uuid[]))
        or (:mayTakeExpired::boolean and l.lease_until <= clock_timestamp()
          and not (l.owner = :connectorId and l.session_id = any(:holding::uuid[]))))
      and (l.move_to is null or l.move_to = :connectorId or l.move_until <= clock_timestamp())
      and not exists (select from connectors p where p.id = :connectorId
        and (p.nonce is distinct from :nonce::uuid or p.state <> 'active'))
    order by l.lease_until, l.session_id
    limit :limit
    for update of l skip locked
  )
  update session_leases l
  set owner = :connectorId, generation = l.generation + 1, lease_until = ${until},
    restarts = 0, memory_bytes = null, move_to = null, move_until = null
  from candidates c
  where l.company_id = c.company_id and l.session_id = c.session_id
  returning l.company_id, l.session_id, c.engine, l.generation, c.is_wanted`;

/** Every lease that is not locked is either renewed or lost. */
const renew = `
  with held as (
    select "sessionId" as session_id, generation, restarts, "memoryBytes" as memory_bytes, "lastEventAt" as last_event_at
    from json_to_recordset(:held::json) as given
      ("sessionId" uuid, generation bigint, restarts integer, "memoryBytes" bigint, "lastEventAt" timestamptz)
  ), free as (
    select l.company_id, l.session_id, held.restarts, held.memory_bytes, held.last_event_at from session_leases l join held using (session_id, generation)
    where l.owner = :connectorId
    for update of l skip locked
  ), renewed as (
    update session_leases l set lease_until = ${until},
      restarts = coalesce(f.restarts, l.restarts),
      memory_bytes = f.memory_bytes,
      last_event_at = coalesce(f.last_event_at, l.last_event_at)
    from free f, whatsapp_sessions s
    where l.company_id = f.company_id and l.session_id = f.session_id
      and s.company_id = f.company_id and s.id = f.session_id
    returning l.session_id, ${wantedSession} as is_wanted, s.settings_version,
      coalesce(l.move_to <> :connectorId and l.move_until > clock_timestamp(), false) as is_moving
  )
  select session_id, 'renewed' as outcome, is_wanted, is_moving, settings_version from renewed
  union all
  select h.session_id, 'lost', false, false, 0 from held h
  where not exists (select from session_leases l
    where l.session_id = h.session_id and l.generation = h.generation and l.owner = :connectorId)`;
