import type { DurableEvent } from "@syszap/contracts";

export interface PublishedRow {
  companyId: string;
  events: DurableEvent[];
  publishedAt: Date;
}

/** Rows that were published within this time can be published again. A repeated publication counts as a new one. */
export const windowMs = 60_000;
/** Maximum time between the publication of a row and its mark in the outbox. */
const maxMarkDelayMs = 10_000;

/**
 * Returns the rows of one company whose events Redis must still know. If one is lost, more may be lost than can be published
 * again. Redis loses the end of a log, so one surviving row that was certainly published within the window proves that everything
 * older survived too. Without such a row, all rows must be checked.
 */
export function rowsToCheck<Row extends Pick<PublishedRow, "publishedAt">>(rows: readonly Row[], now: number): Row[] {
  const inOrder = rows.toSorted((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime());
  const firstWithin = inOrder.find(({ publishedAt }) => publishedAt.getTime() > now - windowMs + maxMarkDelayMs);
  return firstWithin ? [firstWithin] : inOrder;
}
