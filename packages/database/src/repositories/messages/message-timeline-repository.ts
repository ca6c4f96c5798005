import type { DurableType, MessageStatus } from "@syszap/contracts";
import { eventIdOf } from "../../events.ts";
import type { Scope } from "../../sql/query.ts";

/** Ids, times and counts of a message. Nothing of it is content. */
export interface MessageTrace {
  id: string;
  sessionId: string;
  waChatId: string;
  waKey: string;
  direction: number;
  status: MessageStatus | null;
  failureReason: string | null;
  attempts: number;
  version: number;
  occurredAt: Date;
  createdAt: Date;
  /** Of the lease under which it was received or last attempted. Null: it was queued here and not attempted yet. */
  generation: number | null;
  /** The connector that has this lease, as long as it has it. */
  connector: string | null;
  /** True if it was queued here, by a user or a program. */
  isFromHere: boolean;
}

export interface TracedEvent {
  id: string;
  type: DurableType;
  status: MessageStatus | null;
  position: number;
  loggedAt: Date;
}

interface TracedDelivery {
  webhookId: string;
  eventType: string;
  state: string;
  attempts: number;
  createdAt: Date;
  finishedAt: Date | null;
}

interface TracedDeadLetter {
  id: string;
  state: string;
  attempts: number;
  failedAt: Date;
}

/** Versions that are looked up: a message that changes more often has its first and its newest ones. */
const maxVersions = 50;
const messageEvents = ["new_message", "message_status", "message_update"] as const;
/** Positions that are read after the one at which the message was stored: its first events follow within seconds. */
const positionsPerStep = 2_000;
const maxSteps = 10;

/** Follows one message through the tables, for operators. */
export class MessageTimelineRepository {
  constructor(private readonly scope: Scope) {}

  find(id: string): Promise<MessageTrace | undefined> {
    return this.scope.row<MessageTrace>(
      `select m.id, m.session_id as "sessionId", ch.wa_chat_id as "waChatId", m.wa_key as "waKey", m.direction, m.status,
         m.failure_reason as "failureReason", m.attempts, m.version, m.occurred_at as "occurredAt", m.created_at as "createdAt",
         g.generation, case when l.generation = g.generation then l.owner end as connector,
         m.direction = 1 and (m.user_id is not null or m.attempts > 0) as "isFromHere"
       from messages m
         join chats ch on ch.company_id = m.company_id and ch.id = m.chat_id
         left join session_leases l on l.company_id = m.company_id and l.session_id = m.session_id
         cross join lateral (
           select coalesce(m.claimed_generation, nullif(split_part(m.source_order, '-', 2)::bigint, 0))::float8 as generation) g
       where m.company_id = :companyId and m.id = :id`,
      { id },
    );
  }

  /** The events of the message that the event log still has, in its order. */
  async events({ id, version, createdAt }: MessageTrace): Promise<TracedEvent[]> {
    const wanted = new Map<string, DurableType>();
    for (let each = 1; each <= version; each++) {
      if (each > maxVersions / 2 && each <= version - maxVersions / 2) continue;
      for (const type of messageEvents) wanted.set(eventIdOf({ id, version: each }, type), type);
    }
    const found: TracedEvent[] = [];
    let after = await this.positionBefore(createdAt);
    for (let step = 0; after !== undefined && step < maxSteps && found.length < version; step++) {
      const upTo: number = after + positionsPerStep;
      found.push(...(await this.eventsBetween(after, upTo, [...wanted.keys()])));
      after = upTo;
    }
    return found;
  }

  /** Deliveries of these events to webhooks. */
  deliveries({ id, version }: MessageTrace): Promise<TracedDelivery[]> {
    const eventIds = Array.from({ length: Math.min(version, maxVersions) }, (_, index) =>
      messageEvents.map((type) => eventIdOf({ id, version: version - index }, type)),
    ).flat();
    return this.scope.rows<TracedDelivery>(
      `select d.endpoint_id as "webhookId", d.event_type as "eventType", d.state, d.attempts, d.created_at as "createdAt",
         d.finished_at as "finishedAt"
       from webhook_endpoints e join webhook_deliveries d on d.company_id = e.company_id and d.endpoint_id = e.id
         and d.event_id = any (:eventIds::uuid[])
       where e.company_id = :companyId order by d.position`,
      { eventIds },
    );
  }

  /** Letters of the job that stored the message, or of its sending. */
  deadLetters(jobIds: string[]): Promise<TracedDeadLetter[]> {
    return this.scope.rows<TracedDeadLetter>(
      `select id, state, attempts, failed_at as "failedAt" from dead_letters
       where company_id = :companyId and job_id = any (:jobIds) order by failed_at`,
      { jobIds },
    );
  }

  /** Consumers, with the position up to which each has acknowledged. */
  consumers(): Promise<{ name: string; position: number }[]> {
    return this.scope.rows(
      "select name, position::float8 as position from consumers where company_id = :companyId order by name",
    );
  }

  private eventsBetween(after: number, upTo: number, ids: string[]): Promise<TracedEvent[]> {
    return this.scope.rows<TracedEvent>(
      `select event_id as id, event_type as type, position::float8 as position, logged_at as "loggedAt",
         case when event_type = 'message_status' then ('{' || body)::json -> 'data' ->> 'Status' end as status
       from event_log where company_id = :companyId and position > :after::bigint and position <= :upTo::bigint
         and event_id = any (:ids::uuid[]) order by position`,
      { after, upTo, ids },
    );
  }

  /**
   * The newest position whose event was logged before the time, found by halving: the log has no index by time. Undefined when the log
   * begins later.
   */
  private async positionBefore(at: Date): Promise<number | undefined> {
    const range = await this.scope.row<{ first: number | null; last: number | null }>(
      `select (select position from event_log where company_id = :companyId order by position limit 1)::float8 as first,
         (select position from event_log_heads where company_id = :companyId)::float8 as last`,
    );
    if (!range?.first || range.last === null) return undefined;
    let [low, high] = [range.first - 1, range.last];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const row = await this.scope.row<{ isBefore: boolean }>(
        `select logged_at < :at as "isBefore" from event_log where company_id = :companyId and position = :middle::bigint`,
        { at, middle },
      );
      if (row?.isBefore) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
