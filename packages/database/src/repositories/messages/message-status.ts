import type { MessageStatus } from "@syszap/contracts";

interface DatedStatus {
  status: MessageStatus;
  atMs: number;
}
const rank: Record<Exclude<MessageStatus, "failed">, number> = { queued: 0, sent: 1, delivered: 2, read: 3, played: 4 };

/**
 * Whether a receipt moves a message forward. Between `sent` and `failed` the later receipt wins, since a message may be sent in
 * several attempts. A message that reached a phone did not fail.
 */
export function movesForward(current: DatedStatus, receipt: DatedStatus): boolean {
  const isLater = receipt.atMs > current.atMs;
  if (receipt.status === "failed") return current.status === "queued" || (current.status === "sent" && isLater);
  if (current.status === "failed") return rank[receipt.status] > rank.sent || (receipt.status === "sent" && isLater);
  return rank[receipt.status] > rank[current.status];
}
