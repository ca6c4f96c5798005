import type { DurableEvent } from "@syszap/contracts";

export interface PublishedRow {
  companyId: string;
  events: DurableEvent[];
  publishedAt: Date;
}

/** So long a published row can be published again; one that was lost and published again counts as published then. */
export const windowMs = 60_000;
/** A row may be marked so much later than it was published. */
const latestMarkMs = 10_000;

/**
 * The rows of one company that must have survived, else more may be lost than can be published again. What Redis lost is
 * the end of the log, so one survivor that was surely published within the window proves that only the window is hurt.
 */
export function witnesses<Row extends Pick<PublishedRow, "publishedAt">>(rows: readonly Row[], now: number): Row[] {
  const inOrder = rows.toSorted((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime());
  const surelyWithin = inOrder.find(({ publishedAt }) => publishedAt.getTime() > now - windowMs + latestMarkMs);
  return surelyWithin ? [surelyWithin] : inOrder;
}
