import { type Message, queues } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import { type MessageRow, messagesOf, toMessage } from "../messages/message-row.ts";
import { DeadLetterRepository } from "./dead-letter-repository.ts";

/** The dead letters of one company. Only operators see letters that name no company. */
export class CompanyDeadLetters extends DeadLetterRepository {
  constructor(private readonly scope: Scope) {
    super(scope.db, { companyId: scope.companyId });
  }

  /**
   * Queues the message of a redriven letter again, once for each request; the letter's job id is the message id. The message continues
   * as after a first attempt, so the engine is asked for it before it is sent: it is unknown whether the last attempt reached
   * WhatsApp. Undefined when there is nothing to send.
   */
  async requeueMessage(letterId: string): Promise<Message | undefined> {
    const letter = await this.scope.row<{ messageId: string }>(
      `update dead_letters set handed_at = clock_timestamp()
       where company_id = :companyId and id = :letterId and state = 'redriving' and handed_at is null
       returning job_id as "messageId"`,
      { letterId },
    );
    if (!letter) return undefined;
    const row = await this.scope.row<MessageRow>(
      `with changed as (
         update messages set status = 'queued', failure_reason = null, attempts = 1, next_attempt_at = clock_timestamp(),
           status_at_ms = floor(extract(epoch from clock_timestamp()) * 1000), version = version + 1, updated_at = now()
         where company_id = :companyId and id::text = :messageId and status = 'failed' returning *
       ) ${messagesOf("changed")}`,
      { messageId: letter.messageId },
    );
    return row && toMessage(row);
  }

  /** Updates the letters of all requeued messages that are not queued any more: `resting` if the message failed, else `solved`. */
  async settleRequeued(): Promise<void> {
    await this.scope.rows(
      `with letter as (
         select d.id, m.status, m.failure_reason from dead_letters d
           left join messages m on m.company_id = d.company_id and m.id::text = d.job_id
         where d.company_id = :companyId and d.queue = :queue and d.state = 'redriving' and d.handed_at is not null
       )
       update dead_letters d set
         state = case when e.has_failed then 'resting' else 'solved' end,
         failures = d.failures + e.has_failed::int,
         reason = case when e.has_failed then coalesce(e.failure_reason, 'the message no longer exists') else d.reason end,
         failed_at = case when e.has_failed then clock_timestamp() else d.failed_at end,
         closed_at = case when e.has_failed then null else clock_timestamp() end,
         payload = case when e.has_failed then d.payload end
       from (select id, status, failure_reason, status is null or status = 'failed' as has_failed from letter) e
       where d.id = e.id and d.company_id = :companyId and e.status is distinct from 'queued'`,
      { queue: queues.outboundLetters },
    );
  }
}
