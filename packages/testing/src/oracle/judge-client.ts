import type { ClientRecord } from "./client-record.ts";
import { isMeantFor, labelOf, type NumberedEvent, type PublicationBook } from "./publication-book.ts";

export interface Promises {
  /** False while the log holds all that anybody may have missed: then nothing may be refetched. */
  mayResync: boolean;
  /**
   * True when Redis may come back without what it had, so that the outbox publishes again: what was lost then stands
   * later in the log than what its publisher said after it.
   */
  mayReplay: boolean;
}

/** Every sentence names the client and the event: foreign, altered, doubled, out of order, refetched without need. */
export function judgeWhatCame(record: ClientRecord, book: PublicationBook, promises: Promises): string[] {
  const violations: string[] = [];
  const seen = new Set<string>();
  const newest = new Map<string, number>();
  const blame = (what: string) => violations.push(`${record.name} ${what}`);
  for (const entry of record.entries) {
    if (entry.kind === "hole") {
      if (!promises.mayResync) blame(`was told to refetch (${entry.reason}) though the log was whole`);
      continue;
    }
    const event = book.find(entry.id);
    if (!event) {
      blame(`got ${entry.label} (${entry.id}), which nobody published`);
      continue;
    }
    const label = labelOf(event);
    if (event.companyId !== record.reader.companyId) blame(`got ${label} of another company`);
    else if (!isMeantFor(event, record.reader)) blame(`got ${label}, which is not meant for its reader`);
    if (entry.label !== label) blame(`got ${label} with the content of ${entry.label}`);
    if (seen.has(entry.id)) blame(`got ${label} twice`);
    else if (!promises.mayReplay && event.number < (newest.get(event.publisher) ?? 0))
      blame(`got ${label} after #${newest.get(event.publisher)}`);
    seen.add(entry.id);
    newest.set(event.publisher, Math.max(event.number, newest.get(event.publisher) ?? 0));
  }
  return violations;
}

/** What the client was entitled to and did not get, unless it was told of a hole in its place. */
export function findLost(record: ClientRecord, book: PublicationBook, { mayReplay }: Promises): NumberedEvent[] {
  const missing = missingOf(record, book);
  // Events that are published again stand in another order than their publisher's: then a refetch that came after the event excuses it.
  if (!mayReplay) return missing.filter(({ isTold }) => !isTold).map(({ event }) => event);
  const lastHole = record.entries.findLast((entry) => entry.kind === "hole")?.at ?? 0;
  return missing.map(({ event }) => event).filter(({ id }) => book.publishedAt(id) > lastHole);
}

interface Missing {
  event: NumberedEvent;
  /** There is a hole between the nearest events of its publisher that came before and after it. */
  isTold: boolean;
}

function missingOf(record: ClientRecord, book: PublicationBook): Missing[] {
  const placeOf = new Map<string, number>();
  const holes: number[] = [];
  record.entries.forEach((entry, place) => {
    if (entry.kind === "hole") holes.push(place);
    else if (!placeOf.has(entry.id)) placeOf.set(entry.id, place);
  });
  return book.streamsOf(record.reader.companyId).flatMap((stream) => {
    const entitled = stream.filter((event) => isMeantFor(event, record.reader));
    const places = entitled.map(({ id }) => placeOf.get(id));
    return missingOfStream(entitled, places, holes);
  });
}

function missingOfStream(stream: NumberedEvent[], places: (number | undefined)[], holes: readonly number[]): Missing[] {
  const missing: Missing[] = [];
  let before = -1;
  let run: NumberedEvent[] = [];
  const settle = (after: number) => {
    const isTold = holes.some((hole) => hole > before && hole < after);
    missing.push(...run.map((event) => ({ event, isTold })));
    run = [];
  };
  stream.forEach((event, index) => {
    const place = places[index];
    if (place === undefined) {
      run.push(event);
      return;
    }
    settle(place);
    before = place;
  });
  settle(Number.POSITIVE_INFINITY);
  return missing;
}
