import { type Message, queues } from "@syszap/contracts";
import { type MessageRow, toMessage } from "../../rows/rows.ts";
import { queryRow, queryRows, type Scope } from "../../sql/query.ts";
import { messagesOf } from "../messages/message-row.ts";

/**
 * The letter's job id is the message. It goes on as after a first attempt, so that the engine is asked for the message before it
 * is sent: nobody knows whether the last attempt reached WhatsApp.
 */
export async function queueAgain(scope: Scope, letterId: string): Promise<Message | undefined> {
  const bindings = { companyId: scope.companyId, letterId };
  const letter = await queryRow<{ messageId: string }>(
    scope.db,
    `update dead_letters set handed_at = clock_timestamp()
     where company_id = :companyId and id = :letterId and state = 'redriving' and handed_at is null
     returning job_id as "messageId"`,
    bindings,
  );
  if (!letter) return undefined;
  const row = await queryRow<MessageRow>(
    scope.db,
    `with changed as (
       update messages set status = 'queued', failure_reason = null, attempts = 1, next_attempt_at = clock_timestamp(),
         status_at_ms = floor(extract(epoch from clock_timestamp()) * 1000), version = version + 1, updated_at = now()
       where company_id = :companyId and id::text = :messageId and status = 'failed' returning *
     ) ${messagesOf("changed")}`,
    { companyId: scope.companyId, messageId: letter.messageId },
  );
  return row && toMessage(row);
}

/** Of all letters of the company whose messages were queued again. */
export async function settleSent(scope: Scope): Promise<void> {
  await queryRows(
    scope.db,
    `with letter as (
       select d.id, m.status, m.failure_reason from dead_letters d
         left join messages m on m.company_id = d.company_id and m.id::text = d.job_id
       where d.company_id = :companyId and d.queue = :queue and d.state = 'redriving' and d.handed_at is not null
     )
     update dead_letters d set
       state = case when e.has_failed then 'resting' else 'solved' end,
       failures = d.failures + e.has_failed::int,
       reason = case when e.has_failed then coalesce(e.failure_reason, 'there is no such message any more') else d.reason end,
       failed_at = case when e.has_failed then clock_timestamp() else d.failed_at end,
       closed_at = case when e.has_failed then null else clock_timestamp() end,
       payload = case when e.has_failed then d.payload end
     from (select id, status, failure_reason, status is null or status = 'failed' as has_failed from letter) e
     where d.id = e.id and d.company_id = :companyId and e.status is distinct from 'queued'`,
    { companyId: scope.companyId, queue: queues.outboundLetters },
  );
}
