import type { DurableFrame } from "@syszap/client";

/** What a list page holds: sorted and without doubles, up to where the server's next page begins. */
export interface List<Item> {
  items: Item[];
  next: string | null;
  /** Events about rows that are not here yet: they may have been published before the row's own event. */
  early: DurableFrame[];
}
export const maxEarly = 200;

export const emptyList = <Item>(): List<Item> => ({ items: [], next: null, early: [] });

export function keepEarly<Item>(list: List<Item>, frame: DurableFrame): List<Item> {
  return { ...list, early: [...list.early, frame].slice(-maxEarly) };
}

/** Both lists' rows in order; of the same row the one that `merge` makes of both. */
export function mergeItems<Item extends { id: string }>(
  held: readonly Item[],
  read: readonly Item[],
  merge: (held: Item, read: Item) => Item,
): Item[] {
  const byId = new Map(held.map((item) => [item.id, item]));
  for (const item of read) {
    const before = byId.get(item.id);
    byId.set(item.id, before ? merge(before, item) : item);
  }
  return [...byId.values()];
}

/** The same array when nothing changed, so that nothing renders. */
export function replaceItem<Item>(
  items: Item[],
  matches: (item: Item) => boolean,
  change: (item: Item) => Item,
): Item[] {
  let hasChanged = false;
  const next = items.map((item) => {
    if (!matches(item)) return item;
    const changed = change(item);
    hasChanged ||= changed !== item;
    return changed;
  });
  return hasChanged ? next : items;
}

/** Newest first by ISO time; the id decides between equals, so that the order never jumps. */
export function newestFirst(a: { time: string | null; id: string }, b: { time: string | null; id: string }): number {
  const byTime = (b.time ?? "").localeCompare(a.time ?? "");
  return byTime || a.id.localeCompare(b.id);
}

/** As people search: without case and accents, in the name or the number. */
export function matchesSearch(client: { name: string; whatsappNumber: string }, search: string): boolean {
  const plain = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const wanted = plain(search.trim());
  const digits = wanted.replace(/\D/g, "");
  return plain(client.name).includes(wanted) || (digits.length > 2 && client.whatsappNumber.includes(digits));
}
