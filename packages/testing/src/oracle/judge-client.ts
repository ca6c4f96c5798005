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

/** What the client was entitled to and did not get, unless it was told of a hole at that very place. */
export function findLost(record: ClientRecord, book: PublicationBook): NumberedEvent[] {
  const placeOf = new Map<string, number>();
  const holes: number[] = [];
  record.entries.forEach((entry, place) => {
    if (entry.kind === "hole") holes.push(place);
    else if (!placeOf.has(entry.id)) placeOf.set(entry.id, place);
  });
  return book.streamsOf(record.reader.companyId).flatMap((stream) => {
    const entitled = stream.filter((event) => isMeantFor(event, record.reader));
    return lostOf(
      entitled,
      entitled.map(({ id }) => placeOf.get(id)),
      holes,
    );
  });
}

/** A run of missing events is excused by a hole between the nearest ones that came before and after it. */
function lostOf(stream: NumberedEvent[], places: (number | undefined)[], holes: readonly number[]): NumberedEvent[] {
  const lost: NumberedEvent[] = [];
  let before = -1;
  let missing: NumberedEvent[] = [];
  const settle = (after: number) => {
    if (!holes.some((hole) => hole > before && hole < after)) lost.push(...missing);
    missing = [];
  };
  stream.forEach((event, index) => {
    const place = places[index];
    if (place === undefined) {
      missing.push(event);
      return;
    }
    settle(place);
    before = place;
  });
  settle(Number.POSITIVE_INFINITY);
  return lost;
}
