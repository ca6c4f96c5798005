import type { MessageStatus } from "@syszap/contracts";
import { type MessageRow, toMessage } from "../../rows/rows.ts";
import type { Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import { type Change, lockMessage, type MessageKey, messagesOf } from "./message-row.ts";

export interface StatusAdvance {
  /** Why it failed, for the person who sent it. */
  reason?: string | undefined;
  /** WhatsApp's time of the receipt; now, when absent. */
  atMs?: number | undefined;
}

const rank: Record<Exclude<MessageStatus, "failed">, number> = { queued: 0, sent: 1, delivered: 2, read: 3, played: 4 };

/**
 * Whether a receipt moves a message forward. Between "sent" and "failed" the later receipt is right, since an attempt may follow
 * an attempt; whatever reached a phone did not fail.
 */
function movesForward(
  current: { status: MessageStatus; atMs: number },
  receipt: { status: MessageStatus; atMs: number },
): boolean {
  const isLater = receipt.atMs > current.atMs;
  if (receipt.status === "failed") return current.status === "queued" || (current.status === "sent" && isLater);
  if (current.status === "failed") return rank[receipt.status] > rank.sent || (receipt.status === "sent" && isLater);
  return rank[receipt.status] > rank[current.status];
}

export async function advanceStatus(
  scope: Scope,
  key: MessageKey,
  receipt: StatusAdvance & { status: MessageStatus },
): Promise<Change> {
  const found = await lockMessage(scope, key);
  if (!found) return "absent";
  const current = toMessage(found).status;
  const atMs = receipt.atMs ?? Date.now();
  if (current === null || !movesForward({ status: current, atMs: Number(found.status_at_ms) }, { ...receipt, atMs })) {
    return undefined;
  }
  const [row] = await scope.prepared.rows<MessageRow>(
    `with changed as (
       update messages set status = :status, status_at_ms = :atMs, failure_reason = :reason, next_attempt_at = null,
         version = version + 1, updated_at = now()
       where company_id = :companyId and id = :id returning *
     ) ${messagesOf("changed")}`,
    {
      companyId: scope.companyId,
      id: found.id,
      status: receipt.status,
      atMs,
      reason: receipt.status === "failed" && receipt.reason ? toStorableText(receipt.reason) : null,
    },
  );
  return row && toMessage(row);
}
