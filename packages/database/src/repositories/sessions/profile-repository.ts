import type { EngineName } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";

/** Orders the archives of one session's profile: by generation of the lease, then by sequence. */
export interface ProfileStamp {
  generation: number;
  sequence: number;
}
export interface ProfileFile {
  storageKey: string;
  sha256: string;
  size: number;
}
/** `file` is null when the profile was forgotten under this generation; then all older archives are void too. */
export type SessionProfile = ProfileStamp & { engine: string; file: ProfileFile | null; archivedAt: Date };

interface ProfileRow {
  generation: string;
  sequence: string;
  engine: string;
  storage_key: string | null;
  sha256: string | null;
  size: string | null;
  archived_at: Date;
}

/** The newest archive of each session's browser profile. The bytes are in the private store. */
export class ProfileRepository {
  constructor(private readonly scope: Scope) {}

  async find(sessionId: string): Promise<SessionProfile | undefined> {
    const row = await this.scope.row<ProfileRow>(
      "select * from session_profiles where company_id = :companyId and session_id = :sessionId",
      { sessionId },
    );
    return row && toProfile(row);
  }

  /** Records an archive. False when a newer one is known, or when the lease is lost. */
  async record(archive: ProfileStamp & ProfileFile & { sessionId: string; engine: EngineName }): Promise<boolean> {
    const row = await this.scope.row(
      `insert into session_profiles as p
         (company_id, session_id, generation, sequence, engine, storage_key, sha256, size)
       select l.company_id, l.session_id, :generation, :sequence, :engine, :storageKey, :sha256, :size
       from session_leases l
       where l.company_id = :companyId and l.session_id = :sessionId
         and l.generation = :generation and l.lease_until > clock_timestamp()
       on conflict (company_id, session_id) do update set
         generation = excluded.generation, sequence = excluded.sequence, engine = excluded.engine,
         storage_key = excluded.storage_key, sha256 = excluded.sha256, size = excluded.size, is_wiped = false,
         archived_at = now()
       where (p.generation, p.sequence) < (excluded.generation, excluded.sequence)
       returning session_id`,
      { ...archive },
    );
    return row !== undefined;
  }

  /** Voids all archives up to this generation, in the store and in every directory. False when a newer archive is known. */
  async forget(session: { sessionId: string; engine: EngineName; generation: number }): Promise<boolean> {
    const row = await this.scope.row(
      `insert into session_profiles as p (company_id, session_id, generation, sequence, engine)
       select company_id, id, :generation, 0, :engine from whatsapp_sessions
       where company_id = :companyId and id = :sessionId
       on conflict (company_id, session_id) do update set
         generation = excluded.generation, sequence = p.sequence + 1, engine = excluded.engine,
         storage_key = null, sha256 = null, size = null, is_wiped = false, archived_at = now()
       where p.generation <= excluded.generation
       returning session_id`,
      session,
    );
    return row !== undefined;
  }

  /** Records that the store holds no archive of a forgotten profile any more, so that connectors stop looking for one. */
  async markWiped(session: { sessionId: string; generation: number }): Promise<void> {
    await this.scope.row(
      `update session_profiles set is_wiped = true
       where company_id = :companyId and session_id = :sessionId and storage_key is null and generation <= :generation
       returning session_id`,
      { sessionId: session.sessionId, generation: session.generation },
    );
  }
}

function toProfile(row: ProfileRow): SessionProfile {
  const { storage_key: storageKey, sha256, size } = row;
  const isKept = storageKey !== null && sha256 !== null && size !== null;
  return {
    generation: Number(row.generation),
    sequence: Number(row.sequence),
    engine: row.engine,
    archivedAt: row.archived_at,
    file: isKept ? { storageKey, sha256, size: Number(size) } : null,
  };
}
