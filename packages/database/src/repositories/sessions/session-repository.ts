import {
  type EngineName,
  type Session,
  type SessionDetail,
  type SessionDetails,
  sessionStatusOf,
} from "@syszap/contracts";
import { type SessionRow, toSession } from "../../rows/rows.ts";
import { queryOne, queryRow, queryRows, type Scope } from "../../sql/query.ts";
import type { SessionLease } from "../messages/outbound-queue.ts";
import { closeGap, type Gap, openGap } from "./session-gap-repository.ts";
import {
  keptTransitions,
  type LeaseHealthRow,
  recordTransition,
  type TransitionRow,
  toSessionDetails,
} from "./session-history.ts";

export interface StatusChange {
  sessionId: string;
  detail: SessionDetail;
  /** Why; absent and null both mean that there is nothing to say. */
  reason?: string | null;
  /** Absent: stays as it is. */
  phoneNumber?: string | null;
  /** Of the lease under which the change was seen. */
  generation: number;
}

/** The company's linked phones. A removed one stays as a row, since its chats do. */
export class SessionRepository {
  constructor(private readonly scope: Scope) {}

  /** Stopped until somebody connects it. */
  async create(session: { name: string; engine: EngineName }): Promise<Session> {
    const row = await queryOne<SessionRow>(
      this.scope.db,
      `insert into whatsapp_sessions (company_id, name, engine) values (:companyId, :name, :engine) returning *`,
      { ...this.bindings(), ...session },
    );
    return toSession(row);
  }

  async find(id: string): Promise<Session | undefined> {
    const row = await queryRow<SessionRow>(
      this.scope.db,
      "select * from whatsapp_sessions where company_id = :companyId and id = :id and removed_at is null",
      { ...this.bindings(), id },
    );
    return row && toSession(row);
  }

  /** With who runs it, how that goes, and its newest states, newest first. */
  async findDetails(id: string): Promise<SessionDetails | undefined> {
    const session = await this.find(id);
    if (!session) return undefined;
    const bindings = { ...this.bindings(), id, kept: keptTransitions };
    const health = await queryRow<LeaseHealthRow>(
      this.scope.db,
      `select case when lease_until > clock_timestamp() then owner end as owner,
         generation, restarts, memory_bytes, last_event_at
       from session_leases where company_id = :companyId and session_id = :id`,
      bindings,
    );
    const history = await queryRows<TransitionRow>(
      this.scope.db,
      `select detail, reason, generation, occurred_at from session_transitions
       where company_id = :companyId and session_id = :id order by version desc limit :kept`,
      bindings,
    );
    return toSessionDetails(session, health, history);
  }

  /** In the order of creation. */
  async list(): Promise<Session[]> {
    const rows = await queryRows<SessionRow>(
      this.scope.db,
      "select * from whatsapp_sessions where company_id = :companyId and removed_at is null order by created_at, id",
      this.bindings(),
    );
    return rows.map(toSession);
  }

  /**
   * What the session should do from now on. Stopping one that no connector holds also records `stopped`, since nobody else
   * would; so emit `sessionStatus` with the answer (an unchanged version publishes nothing new).
   */
  async setDesiredState(id: string, state: "running" | "stopped"): Promise<Session | undefined> {
    const row = await queryRow<SessionRow>(
      this.scope.db,
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
      { ...this.bindings(), id, state, generation: null, kept: keptTransitions },
    );
    return row && toSession(row);
  }

  /** Whose phone is to be linked by a typed code; null: it is linked by QR code. */
  async setPairingNumber(id: string, phoneNumber: string | null): Promise<void> {
    await queryRow(
      this.scope.db,
      `update whatsapp_sessions set pairing_number = :phoneNumber, updated_at = now()
       where company_id = :companyId and id = :id and removed_at is null returning id`,
      { ...this.bindings(), id, phoneNumber },
    );
  }

  async findPairingNumber(id: string): Promise<string | null> {
    const row = await queryRow<{ pairing_number: string | null }>(
      this.scope.db,
      "select pairing_number from whatsapp_sessions where company_id = :companyId and id = :id and removed_at is null",
      { ...this.bindings(), id },
    );
    return row?.pairing_number ?? null;
  }

  /**
   * Whether another session, of any company, is connected with this number. Until the end of this transaction nobody else gets
   * an answer about it: what is written after a no is still true then.
   */
  async isNumberInUse(phoneNumber: string, ownSessionId: string): Promise<boolean> {
    const { is_in_use } = await queryOne<{ is_in_use: boolean }>(
      this.scope.db,
      "select is_number_in_use(:phoneNumber, :ownSessionId::uuid) as is_in_use",
      { phoneNumber, ownSessionId },
    );
    return is_in_use;
  }

  /** Stops it and hides it; its chats and messages stay. False when there is none. */
  async remove(id: string): Promise<boolean> {
    const row = await queryRow(
      this.scope.db,
      `update whatsapp_sessions set removed_at = now(), desired_state = 'stopped', updated_at = now()
       where company_id = :companyId and id = :id and removed_at is null returning id`,
      { ...this.bindings(), id },
    );
    return row !== undefined;
  }

  /** Undefined when nothing changed, or when the generation no longer holds the lease: then another connector decides. */
  async recordStatus(change: StatusChange): Promise<Session | undefined> {
    const row = await queryRow<SessionRow>(
      this.scope.db,
      `with changed as (
       update whatsapp_sessions s set
         detail = :detail, status = :status, reason = :reason,
         -- Whoever shows a code is linked to no phone any more.
         phone_number = case when :hasPhoneNumber then :phoneNumber when :detail = 'qr' then null else phone_number end,
         missed_since = case when :detail = 'qr' then null else missed_since end,
         linked_at = case when :detail = 'qr' then null when :detail in ('syncing', 'connected') then coalesce(linked_at, now())
           else linked_at end,
         pairing_number = case when :detail = 'connected' then null else pairing_number end,
         version = version + 1, updated_at = now()
       where company_id = :companyId and id = :sessionId
         and exists (select from session_leases l where l.company_id = s.company_id and l.session_id = s.id
           and l.generation = :generation and l.lease_until > clock_timestamp())
         and (detail is distinct from :detail or reason is distinct from :reason
           or (:hasPhoneNumber and phone_number is distinct from :phoneNumber))
       returning *
       ), ${recordTransition("true")}
       select * from changed`,
      {
        ...this.bindings(),
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

  /** See `Gap`. Undefined when the generation no longer holds the lease. */
  openGap(lease: SessionLease, from: { since: Date; overlapMs: number }): Promise<Gap | undefined> {
    return openGap(this.scope, lease, from);
  }

  /** All of it was fetched. Nothing happens when the generation no longer holds the lease. */
  closeGap(lease: SessionLease): Promise<void> {
    return closeGap(this.scope, lease);
  }

  private bindings() {
    return { companyId: this.scope.companyId };
  }
}
