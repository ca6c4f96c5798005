import type { DurableFrame } from "@syszap/client";
import type { Client, Page } from "@syszap/contracts";
import { clientOf, newClientOf } from "./event-mapping.ts";
import { type List, matchesSearch, mergeItems, newestFirst } from "./list.ts";

export type ClientList = List<Client>;

export const newerOf = <Row extends { version: number }>(held: Row, read: Row): Row =>
  read.version > held.version ? read : held;

/** Who a client event is about and how; undefined for all other events. */
export function clientIn(frame: DurableFrame): Client | undefined {
  if (frame.type === "client_update") return clientOf(frame.data, frame.version);
  if (frame.type === "new_client") return newClientOf(frame.data, frame.version);
  return undefined;
}

const sorted = (items: Client[]): Client[] =>
  items.sort((a, b) => newestFirst({ time: a.lastContactAt, id: a.id }, { time: b.lastContactAt, id: b.id }));

export function withClients(list: ClientList, page: Page<Client>): ClientList {
  return { ...list, items: sorted(mergeItems(list.items, page.items, newerOf)), next: page.next };
}

/** The last contact re-orders; a row that does not match the search (any more) is not in the list. */
export function applyToClients(list: ClientList, search: string, frame: DurableFrame): ClientList {
  const client = clientIn(frame);
  if (!client) return list;
  const held = list.items.find((item) => item.id === client.id);
  if (held && held.version >= client.version) return list;
  const others = list.items.filter((item) => item.id !== client.id);
  // It turned out to be another one, who has events of its own.
  if (frame.type === "client_update" && frame.data.Merged_Into) return held ? { ...list, items: others } : list;
  if (!matchesSearch(client, search)) return held ? { ...list, items: others } : list;
  return { ...list, items: sorted([...others, client]) };
}
