import type { ClientRecord } from "./client-record.ts";

/**
 * Ids that fit into no common order because some clients received one before the other and some the other way round. Merges all
 * sequences into one graph and sorts it topologically; the rest of the sort is the result.
 */
export function findOrderConflicts(
  records: readonly ClientRecord[],
  streams: readonly (readonly string[])[],
): string[] {
  const followers = new Map<string, Set<string>>();
  const waitsFor = new Map<string, number>();
  const note = (first: string, second: string) => {
    const known = followers.get(first) ?? new Set<string>();
    followers.set(first, known);
    if (first === second || known.has(second)) return;
    known.add(second);
    waitsFor.set(second, (waitsFor.get(second) ?? 0) + 1);
  };
  for (const sequence of [...streams, ...records.flatMap(sequencesBetweenGaps)])
    for (let i = 1; i < sequence.length; i++) note(sequence[i - 1] ?? "", sequence[i] ?? "");
  const free = [...followers.keys()].filter((id) => !waitsFor.has(id));
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    for (const next of followers.get(id) ?? []) {
      const left = (waitsFor.get(next) ?? 0) - 1;
      waitsFor.set(next, left);
      if (left === 0) free.push(next);
    }
  }
  return [...waitsFor].filter(([, left]) => left > 0).map(([id]) => id);
}

/**
 * The received ids between two gaps, each id once. Order is not compared across a gap because the log may have changed
 * there.
 */
function sequencesBetweenGaps(record: ClientRecord): string[][] {
  const seen = new Set<string>();
  const result: string[][] = [[]];
  for (const entry of record.entries) {
    if (entry.kind === "gap") result.push([]);
    else if (!seen.has(entry.id)) result.at(-1)?.push(entry.id);
    if (entry.kind === "event") seen.add(entry.id);
  }
  return result;
}
