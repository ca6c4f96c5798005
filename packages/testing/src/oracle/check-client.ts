import type { ClientRecord } from "./client-record.ts";
import { isMeantFor, labelOf, type NumberedEvent, type PublicationLedger } from "./publication-ledger.ts";

export interface DeliveryGuarantees {
  /**
   * False if the log holds everything that a client may have missed. In that case, no client may be asked to refetch.
   */
  mayResync: boolean;
  /**
   * True if Redis may restart without its data, so that the outbox publishes lost events again. In that case, a lost event may
   * appear in the log after later events of the same publisher.
   */
  mayReplay: boolean;
}

/**
 * Checks the received entries of a client. Reports events of other readers, altered, duplicate or out-of-order events, and
 * unnecessary refetches. Each violation names the client and the event.
 */
export function findDeliveryViolations(
  record: ClientRecord,
  ledger: PublicationLedger,
  guarantees: DeliveryGuarantees,
): string[] {
  const violations: string[] = [];
  const seen = new Set<string>();
  const newest = new Map<string, number>();
  const report = (violation: string) => violations.push(`${record.name} ${violation}`);
  for (const entry of record.entries) {
    if (entry.kind === "gap") {
      if (!guarantees.mayResync) report(`was asked to refetch (${entry.reason}) although the log is complete`);
      continue;
    }
    const event = ledger.find(entry.id);
    if (!event) {
      report(`received ${entry.label} (${entry.id}), which was never published`);
      continue;
    }
    const label = labelOf(event);
    if (event.companyId !== record.reader.companyId) report(`received ${label} of another company`);
    else if (!isMeantFor(event, record.reader)) report(`received ${label}, whose audience does not include it`);
    if (entry.label !== label) report(`received ${label} with the content of ${entry.label}`);
    if (seen.has(entry.id)) report(`received ${label} twice`);
    else if (!guarantees.mayReplay && event.number < (newest.get(event.publisher) ?? 0))
      report(`received ${label} after #${newest.get(event.publisher)}`);
    seen.add(entry.id);
    newest.set(event.publisher, Math.max(event.number, newest.get(event.publisher) ?? 0));
  }
  return violations;
}

/** Events that the client should have received and that no gap entry accounts for. */
export function findLost(
  record: ClientRecord,
  ledger: PublicationLedger,
  { mayReplay }: DeliveryGuarantees,
): NumberedEvent[] {
  const missing = missingOf(record, ledger);
  if (!mayReplay) return missing.filter(({ isCovered }) => !isCovered).map(({ event }) => event);
  // Replayed events do not keep their publisher's order, so any gap after the publication accounts for a missing event.
  const lastGapAt = record.entries.findLast((entry) => entry.kind === "gap")?.at ?? 0;
  return missing.map(({ event }) => event).filter(({ id }) => ledger.publishedAt(id) > lastGapAt);
}

interface Missing {
  event: NumberedEvent;
  /** True if a gap lies between the nearest received events of the same publisher before and after it. */
  isCovered: boolean;
}

function missingOf(record: ClientRecord, ledger: PublicationLedger): Missing[] {
  const indexOf = new Map<string, number>();
  const gaps: number[] = [];
  record.entries.forEach((entry, index) => {
    if (entry.kind === "gap") gaps.push(index);
    else if (!indexOf.has(entry.id)) indexOf.set(entry.id, index);
  });
  return ledger.streamsOf(record.reader.companyId).flatMap((stream) => {
    const expected = stream.filter((event) => isMeantFor(event, record.reader));
    const indexes = expected.map(({ id }) => indexOf.get(id));
    return missingOfStream(expected, indexes, gaps);
  });
}

function missingOfStream(stream: NumberedEvent[], indexes: (number | undefined)[], gaps: readonly number[]): Missing[] {
  const missing: Missing[] = [];
  let before = -1;
  let run: NumberedEvent[] = [];
  const endRun = (after: number) => {
    const isCovered = gaps.some((gap) => gap > before && gap < after);
    missing.push(...run.map((event) => ({ event, isCovered })));
    run = [];
  };
  stream.forEach((event, position) => {
    const index = indexes[position];
    if (index === undefined) {
      run.push(event);
      return;
    }
    endRun(index);
    before = index;
  });
  endRun(Number.POSITIVE_INFINITY);
  return missing;
}
