import type { DurableFrame } from "@syszap/client";
import type { Client, Page } from "@syszap/contracts";
import { clientOf, newClientOf } from "./event-mapping.ts";
import { type List, matchesSearch, mergeItems, newestFirst, placeItem } from "./list.ts";

export type ClientList = List<Client>;

/** The row with the higher version. */
export const newerOf = <Row extends { version: number }>(held: Row, read: Row): Row =>
  read.version > held.version ? read : held;

/** The client of a client event; undefined for all other events. */
export function clientIn(frame: DurableFrame): Client | undefined {
  if (frame.type === "client_update") return clientOf(frame.data, frame.version);
  if (frame.type === "new_client") return newClientOf(frame.data, frame.version);
  return undefined;
}

const byNewest = (a: Client, b: Client): number =>
  newestFirst({ time: a.lastContactAt, id: a.id }, { time: b.lastContactAt, id: b.id });

export function withClients(list: ClientList, page: Page<Client>): ClientList {
  return { ...list, items: mergeItems(list.items, page.items, newerOf).sort(byNewest), next: page.next };
}

/** Applies an event to a list of clients, keeping its order. Clients that do not match the search are removed. */
export function applyToClients(list: ClientList, search: string, frame: DurableFrame): ClientList {
  const client = clientIn(frame);
  if (!client) return list;
  const index = list.items.findIndex((item) => item.id === client.id);
  const held = list.items[index];
  if (held && held.version >= client.version) return list;
  const withoutClient = () => (held ? { ...list, items: list.items.filter((item) => item !== held) } : list);
  // A client that was merged into another one leaves the list; the other one has its own events.
  if (frame.type === "client_update" && frame.data.Merged_Into) return withoutClient();
  // The server also finds clients by what the page does not know, such as an earlier number.
  const isFoundOtherwise = held !== undefined && !matchesSearch(held, search);
  if (!isFoundOtherwise && !matchesSearch(client, search)) return withoutClient();
  return { ...list, items: placeItem(list.items, index, client, byNewest) };
}
