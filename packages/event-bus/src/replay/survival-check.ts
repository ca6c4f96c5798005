import type { DurableEvent } from "@syszap/contracts";

export interface PublishedRow {
  companyId: string;
  events: DurableEvent[];
  publishedAt: Date;
}

/** Rows that were published within this time can be published again. */
export const windowMs = 60_000;
/** Maximum time by which a row's mark may be older than its publication, and by which clocks may differ. */
const toleranceMs = 10_000;

/**
 * Returns true if everything that Redis lost can be published again. Redis returned to an earlier state of its own, which contains
 * the marker of that time. What is lost was published after `completeAt`, so its rows are within the window. A row that Redis knows
 * proves less: it may have been published again after the loss, or in a log that was replaced later.
 */
export const isLossWithinWindow = (completeAt: number, now: number): boolean =>
  completeAt > now - windowMs + toleranceMs;

/**
 * Returns the rows of one company whose events a master of a Cluster must still know, as the marker is stored in one master only.
 * Without a row that was published within the window, apart from late marks, all rows must be checked.
 */
export function rowsToCheck<Row extends Pick<PublishedRow, "publishedAt">>(rows: readonly Row[], now: number): Row[] {
  const inOrder = rows.toSorted((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime());
  const firstWithin = inOrder.find(({ publishedAt }) => publishedAt.getTime() > now - windowMs + toleranceMs);
  return firstWithin ? [firstWithin] : inOrder;
}
