import type { DurableFrame } from "@syszap/client";
import type { Client } from "@syszap/contracts";
import { containsNumberParts, numberSearchParts } from "@syszap/contracts/constants";
import { containsText } from "../lib/contains-text.ts";

/** The loaded part of a list: sorted, without duplicates, up to the start of the server's next page. */
export interface List<Item> {
  items: Item[];
  next: string | null;
  /** Events of rows that are not in the list yet: an event can be published before the one that adds its row. */
  early: DurableFrame[];
}
export const maxEarly = 200;

export const emptyList = <Item>(): List<Item> => ({ items: [], next: null, early: [] });

export function keepEarly<Item>(list: List<Item>, frame: DurableFrame): List<Item> {
  return { ...list, early: [...list.early, frame].slice(-maxEarly) };
}

/** The rows of both lists. `merge` decides about rows that are in both. */
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

/** Changes the matching items. Returns the same array if nothing changed, so that nothing renders. */
export function replaceItem<Item>(
  items: Item[],
  matches: (item: Item) => boolean,
  change: (item: Item) => Item,
): Item[] {
  let next: Item[] | undefined;
  for (const [index, item] of items.entries()) {
    if (!matches(item)) continue;
    const changed = change(item);
    if (changed === item) continue;
    next ??= [...items];
    next[index] = changed;
  }
  return next ?? items;
}

/**
 * Adds an item to a sorted list; it replaces the one at `index`, if there is one. Lists change with each event, so this does not sort
 * the whole list.
 */
export function placeItem<Item>(
  items: readonly Item[],
  index: number,
  item: Item,
  compare: (a: Item, b: Item) => number,
): Item[] {
  const placed = [...items];
  if (index >= 0) placed.splice(index, 1);
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(placed[middle] as Item, item) <= 0) low = middle + 1;
    else high = middle;
  }
  placed.splice(low, 0, item);
  return placed;
}

/** Sorts by ISO time, newest first. Equal times are sorted by id, so that the order is stable. */
export function newestFirst(a: { time: string | null; id: string }, b: { time: string | null; id: string }): number {
  return compare(b.time ?? "", a.time ?? "") || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Compares name and number like the server's search: without case and accents. */
export function matchesSearch(client: Pick<Client, "name" | "whatsappNumber" | "username">, search: string): boolean {
  const parts = numberSearchParts(search);
  return (
    containsText(client.name, search) ||
    (typeof client.username === "string" && containsText(`@${client.username}`, search)) ||
    (parts !== undefined && containsNumberParts(client.whatsappNumber ?? "", parts))
  );
}
