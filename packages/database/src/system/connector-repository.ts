import type { Knex } from "knex";
import { queryOne, queryRow, queryRows } from "../sql/query.ts";
import { wantedSession } from "./wanted-session.ts";

/** A process that runs sessions. `processSpace` is equal for processes that can see each other's pids. */
export interface ConnectorProcess {
  id: string;
  nonce: string;
  host: string;
  processSpace: string;
  pid: number;
  version: string;
  maxSessions: number;
}

/** `cordoned`: claims no sessions. `draining`: also hands its sessions over to other connectors. */
export type ConnectorState = "active" | "cordoned" | "draining";

/** The process that is recorded under an id. */
export interface RecordedConnector extends ConnectorProcess {
  state: ConnectorState;
  startedAt: Date;
  lastSeenAt: Date;
  /** Null while it runs, and after a crash. */
  stoppedAt: Date | null;
}

export interface ConnectorLoad extends RecordedConnector {
  isAlive: boolean;
  sessions: { sessionId: string; memoryBytes: number }[];
}

export interface SessionMove {
  sessionId: string;
  from: string;
  to: string;
}

/** Interval of the heartbeats. */
export const heartbeatEveryMs = 1_000;
/** A connector that was not seen for this long is shown as gone. Its sessions are claimed by others only when their leases expire. */
const aliveMs = 10_000;
/** Rows of connectors that were not seen for this long are deleted, such as those of replaced containers. */
const keptDays = 7;
/** Other connectors may claim a session that should move when its target did not claim it for this long. */
const moveWithinMs = 60_000;

const isAlive = `(c.stopped_at is null and c.last_seen_at > clock_timestamp() - interval '${aliveMs} milliseconds')`;
const columns = `c.id, c.nonce, c.host, c.process_space as "processSpace", c.pid, c.version, c.max_sessions as "maxSessions",
  c.state, c.started_at as "startedAt", c.last_seen_at as "lastSeenAt", c.stopped_at as "stoppedAt"`;

/** Which process runs under which connector id. */
export class ConnectorRepository {
  constructor(private readonly db: Knex) {}

  find(id: string): Promise<RecordedConnector | undefined> {
    return queryRow(this.db, `select ${columns} from connectors c where c.id = :id`, { id });
  }

  /**
   * Records the process under its id, in place of the process with the nonce `replaces`. False when another process is recorded
   * by now. The state remains, so that a cordoned connector is cordoned after a restart.
   */
  async record(process: ConnectorProcess, replaces: string | undefined): Promise<boolean> {
    await queryRows(
      this.db,
      `delete from connectors c where c.id <> :id and c.state = 'active'
         and c.last_seen_at < clock_timestamp() - interval '${keptDays} days'`,
      { id: process.id },
    );
    const row = await queryRow(
      this.db,
      `insert into connectors as c (id, nonce, host, process_space, pid, version, max_sessions)
       values (:id, :nonce, :host, :processSpace, :pid, :version, :maxSessions)
       on conflict (id) do update set nonce = excluded.nonce, host = excluded.host,
         process_space = excluded.process_space, pid = excluded.pid, version = excluded.version,
         max_sessions = excluded.max_sessions, started_at = clock_timestamp(), last_seen_at = clock_timestamp(),
         stopped_at = null
       where c.nonce = :replaces::uuid
       returning id`,
      { ...process, replaces: replaces ?? null },
    );
    return row !== undefined;
  }

  /** Returns the connector's state, or undefined when another process was recorded under the id. */
  async beat({ id, nonce }: Pick<ConnectorProcess, "id" | "nonce">): Promise<ConnectorState | undefined> {
    const row = await queryRow<{ state: ConnectorState }>(
      this.db,
      "update connectors set last_seen_at = clock_timestamp() where id = :id and nonce = :nonce returning state",
      { id, nonce },
    );
    return row?.state;
  }

  /** Records that the process ended in order, so that the next one starts at once. */
  async recordStop({ id, nonce }: Pick<ConnectorProcess, "id" | "nonce">): Promise<void> {
    await queryRows(this.db, "update connectors set stopped_at = clock_timestamp() where id = :id and nonce = :nonce", {
      id,
      nonce,
    });
  }

  /** False when there is no such connector. */
  async setState(id: string, state: ConnectorState): Promise<boolean> {
    const row = await queryRow(this.db, "update connectors set state = :state where id = :id returning id", {
      id,
      state,
    });
    return row !== undefined;
  }

  /** All recorded connectors with the sessions that they run. */
  loads(): Promise<ConnectorLoad[]> {
    return queryRows(
      this.db,
      `select ${columns}, ${isAlive} as "isAlive", (
         select coalesce(json_agg(json_build_object('sessionId', l.session_id, 'memoryBytes', coalesce(l.memory_bytes, 0))
           order by l.session_id), '[]')
         from session_leases l where l.owner = c.id and l.lease_until > clock_timestamp()) as sessions
       from connectors c order by c.id`,
    );
  }

  /** Number of sessions that the other connectors, which are alive and active, can claim. */
  async roomElsewhere(id: string): Promise<number> {
    const { room } = await queryOne<{ room: number }>(
      this.db,
      `select coalesce(sum(greatest(0, c.max_sessions - (
         select count(*) from session_leases l where l.owner = c.id and l.lease_until > clock_timestamp()))), 0)::int as room
       from connectors c where c.id <> :id and c.state = 'active' and ${isAlive}`,
      { id },
    );
    return room;
  }

  /** Asks the owners of the sessions to hand them over. Returns the number of sessions that still ran where they were expected. */
  async move(moves: readonly SessionMove[]): Promise<number> {
    const rows = await queryRows(
      this.db,
      `update session_leases l set move_to = m."to", move_until = clock_timestamp() + interval '${moveWithinMs} milliseconds'
       from json_to_recordset(:moves::json) as m ("sessionId" uuid, "from" text, "to" text)
       where l.session_id = m."sessionId" and l.owner = m."from" returning l.session_id`,
      { moves: JSON.stringify(moves) },
    );
    return rows.length;
  }

  /** Number of sessions that should run and that no connector holds. */
  async unclaimedSessions(): Promise<number> {
    const { unclaimed } = await queryOne<{ unclaimed: number }>(
      this.db,
      `select count(*)::int as unclaimed from whatsapp_sessions s where ${wantedSession} and not exists (
         select from session_leases l
         where l.company_id = s.company_id and l.session_id = s.id and l.lease_until > clock_timestamp())`,
    );
    return unclaimed;
  }
}
