import {
  type EngineName,
  type Session,
  type SessionDetail,
  type SessionDetails,
  sessionStatusOf,
} from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import {
  keptTransitions,
  type LeaseHealthRow,
  type RecoveryRow,
  recordTransition,
  selectRecovery,
  type TransitionRow,
  toSessionDetails,
} from "./session-history.ts";
import { holdsLease } from "./session-lease.ts";
import { type SessionRow, toSession } from "./session-row.ts";

export interface StatusChange {
  sessionId: string;
  detail: SessionDetail;
  /** Why the status changed. Absent and null mean the same. */
  reason?: string | null;
  /** Absent: unchanged. */
  phoneNumber?: string | null;
  /** Generation of the lease under which the change was observed. */
  generation: number;
}

/** SQL condition that another phone was linked than before. */
const isOtherPhone = "(:detail = 'connected' and linked_number <> :phoneNumber::text)";

/** The company's sessions (linked numbers). The row of a removed session stays, because its chats refer to it. */
export class SessionRepository {
  constructor(private readonly scope: Scope) {}

  /** A new session is stopped until a user connects it. */
  async create(session: { name: string; engine: EngineName }): Promise<Session> {
    const row = await this.scope.one<SessionRow>(
      `insert into whatsapp_sessions (company_id, name, engine) values (:companyId, :name, :engine) returning *`,
      { ...session },
    );
    return toSession(row);
  }

  async find(id: string): Promise<Session | undefined> {
    const row = await this.scope.row<SessionRow>(
      "select * from whatsapp_sessions where company_id = :companyId and id = :id and removed_at is null",
      { id },
    );
    return row && toSession(row);
  }

  /** Of all sessions that ever existed, also removed ones. */
  async allIds(): Promise<string[]> {
    const rows = await this.scope.rows<{ id: string }>(
      "select id from whatsapp_sessions where company_id = :companyId order by created_at, id",
    );
    return rows.map(({ id }) => id);
  }

  /** The session with its owner, its health and its newest states, newest first. */
  async findDetails(id: string): Promise<SessionDetails | undefined> {
    const session = await this.find(id);
    if (!session) return undefined;
    const bindings = { id, kept: keptTransitions };
    const health = await this.scope.row<LeaseHealthRow>(
      `select case when lease_until > clock_timestamp() then owner end as owner,
         generation, restarts, memory_bytes, last_event_at
       from session_leases where company_id = :companyId and session_id = :id`,
      bindings,
    );
    const history = await this.scope.rows<TransitionRow>(
      `select detail, reason, generation, occurred_at from session_transitions
       where company_id = :companyId and session_id = :id order by version desc limit :kept`,
      bindings,
    );
    const recovery = await this.scope.row<RecoveryRow>(selectRecovery, bindings);
    return toSessionDetails(session, health, { history, recovery });
  }

  /** Oldest first. */
  async list(): Promise<Session[]> {
    const rows = await this.scope.rows<SessionRow>(
      "select * from whatsapp_sessions where company_id = :companyId and removed_at is null order by created_at, id",
    );
    return rows.map(toSession);
  }

  /**
   * Sets what the session should do. Stopping a session that no connector holds also records the detail `stopped`, because no
   * connector would. Emit `sessionStatus` with the result in any case: an unchanged version publishes nothing new.
   */
  async setDesiredState(id: string, state: "running" | "stopped"): Promise<Session | undefined> {
    const row = await this.scope.row<SessionRow>(
      `with held as (
         select exists (select from session_leases where company_id = :companyId and session_id = :id
           and owner is not null and lease_until > clock_timestamp()) as is_held
       ), target as (
         select :state::text = 'stopped' and not is_held and s.status <> 'disconnected' as is_stopped_now
         from held, whatsapp_sessions s where s.company_id = :companyId and s.id = :id
       ), changed as (
       update whatsapp_sessions s set
         desired_state = :state,
         detail = case when is_stopped_now then 'stopped' else detail end,
         status = case when is_stopped_now then 'disconnected' else status end,
         reason = case when is_stopped_now then null else reason end,
         version = version + case when is_stopped_now then 1 else 0 end,
         updated_at = now()
       from target
       where s.company_id = :companyId and s.id = :id and s.removed_at is null
       returning s.*, is_stopped_now
       ), ${recordTransition("is_stopped_now")}
       select * from changed`,
      { id, state, generation: null, kept: keptTransitions },
    );
    return row && toSession(row);
  }

  /** Switches groups on, from now on, or off. Undefined when there is no such session. */
  async setGroups(id: string, isEnabled: boolean): Promise<Session | undefined> {
    const row = await this.scope.row<SessionRow>(
      `update whatsapp_sessions set groups_enabled_at = case when :isEnabled then coalesce(groups_enabled_at, now()) end,
         settings_version = settings_version + 1, updated_at = now()
       where company_id = :companyId and id = :id and removed_at is null returning *`,
      { id, isEnabled },
    );
    return row && toSession(row);
  }

  /** Whether groups are switched on. Locks the setting until the transaction ends. */
  async lockGroupsEnabled(id: string): Promise<boolean> {
    const row = await this.scope.row<{ is_enabled: boolean }>(
      `select groups_enabled_at is not null as is_enabled from whatsapp_sessions
       where company_id = :companyId and id = :id for share`,
      { id },
    );
    return row?.is_enabled ?? false;
  }

  /** Sets the number of the phone to be linked by a pairing code. Null: the phone is linked by QR code. */
  async setPairingNumber(id: string, phoneNumber: string | null): Promise<void> {
    await this.scope.row(
      `update whatsapp_sessions set pairing_number = :phoneNumber, updated_at = now()
       where company_id = :companyId and id = :id and removed_at is null returning id`,
      { id, phoneNumber },
    );
  }

  /**
   * Settings that the session's connector applies. `groupsSince`: when groups were switched on, null while they are off. The
   * proxy is read from `SessionProxyRepository`.
   */
  async findSettings(id: string): Promise<{ version: number; groupsSince: Date | null } | undefined> {
    return this.scope.row<{ version: number; groupsSince: Date | null }>(
      'select settings_version as version, groups_enabled_at as "groupsSince" from whatsapp_sessions where company_id = :companyId and id = :id',
      { id },
    );
  }

  async findPairingNumber(id: string): Promise<string | null> {
    const row = await this.scope.row<{ pairing_number: string | null }>(
      "select pairing_number from whatsapp_sessions where company_id = :companyId and id = :id and removed_at is null",
      { id },
    );
    return row?.pairing_number ?? null;
  }

  /**
   * Whether another session, of any company, is connected with this number. Locks the number until the transaction ends, so the
   * answer stays true for what the transaction writes.
   */
  async isNumberInUse(phoneNumber: string, ownSessionId: string): Promise<boolean> {
    const { is_in_use } = await this.scope.one<{ is_in_use: boolean }>(
      "select is_number_in_use(:phoneNumber, :ownSessionId::uuid) as is_in_use",
      { phoneNumber, ownSessionId },
    );
    return is_in_use;
  }

  /** Stops and hides the session; its chats and messages stay. False when there is no such session. */
  async remove(id: string): Promise<boolean> {
    const row = await this.scope.row(
      `update whatsapp_sessions set removed_at = now(), desired_state = 'stopped', updated_at = now()
       where company_id = :companyId and id = :id and removed_at is null returning id`,
      { id },
    );
    return row !== undefined;
  }

  /** Undefined when nothing changed, or when the lease is lost and another connector decides. */
  async recordStatus(change: StatusChange): Promise<Session | undefined> {
    const row = await this.scope.row<SessionRow>(
      `with changed as (
       update whatsapp_sessions s set
         detail = :detail, status = :status, reason = :reason,
         -- A session that shows a QR code is not linked to a phone.
         phone_number = case when :hasPhoneNumber then :phoneNumber when :detail = 'qr' then null else phone_number end,
         paired_at = case when :detail = 'qr' then null when :detail in ('syncing', 'connected') then coalesce(paired_at, now())
           else paired_at end,
         linked_number = case when :detail = 'connected' then coalesce(:phoneNumber::text, linked_number) else linked_number end,
         linked_at = case when ${isOtherPhone} or (:detail = 'connected' and linked_at is null) then coalesce(paired_at, now())
           else linked_at end,
         -- The gap of another phone will never be read.
         missed_since = case when ${isOtherPhone} then null else missed_since end,
         missed_again_since = case when ${isOtherPhone} then null else missed_again_since end,
         recovery_started_at = case when ${isOtherPhone} then null else recovery_started_at end,
         pairing_number = case when :detail = 'connected' then null else pairing_number end,
         version = version + 1, updated_at = now()
       where company_id = :companyId and id = :sessionId
         and ${holdsLease}
         and (detail is distinct from :detail or reason is distinct from :reason
           or (:hasPhoneNumber and phone_number is distinct from :phoneNumber))
       returning *
       ), ${recordTransition("true")}
       select * from changed`,
      {
        kept: keptTransitions,
        sessionId: change.sessionId,
        detail: change.detail,
        status: sessionStatusOf(change.detail),
        reason: change.reason ?? null,
        hasPhoneNumber: change.phoneNumber !== undefined,
        phoneNumber: change.phoneNumber ?? null,
        generation: change.generation,
      },
    );
    return row && toSession(row);
  }
}
