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
  let hasChanged = false;
  const next = items.map((item) => {
    if (!matches(item)) return item;
    const changed = change(item);
    hasChanged ||= changed !== item;
    return changed;
  });
  return hasChanged ? next : items;
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
