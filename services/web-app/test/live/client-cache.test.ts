import type { Client, Session } from "@syszap/contracts";
import { expect, test } from "vitest";
import { applyToClients, type ClientList, withClients } from "../../src/live/client-cache.ts";
import { emptyList } from "../../src/live/list.ts";
import { applyToSessions } from "../../src/live/session-cache.ts";
import { aClient, at, frame, newId } from "../support/builders.ts";

const listOf = (...items: Client[]): ClientList => withClients(emptyList<Client>(), { items, next: null });
const update = (client: Client, version: number, overrides = {}) =>
  frame("client_update", version, {
    Id: client.id,
    Name: client.name,
    WhatsApp_Number: client.whatsappNumber ?? "",
    Profile_Pic_URL: null,
    Last_Contact_At: client.lastContactAt,
    timestamp: at(1),
    ...overrides,
  });

test("sorts the clients by their last contact", () => {
  const [first, second] = [aClient({ lastContactAt: at(10) }), aClient({ lastContactAt: at(5) })];
  const list = applyToClients(listOf(first, second), "", update(second, 2, { Last_Contact_At: at(20) }));
  expect(list.items.map((client) => client.id)).toEqual([second.id, first.id]);
  expect(list.items[0]?.lastContactAt).toBe(at(20));
});

test("adds a new client once, even if its event is repeated", () => {
  const client = aClient();
  const registered = frame("new_client", 1, {
    Id: client.id,
    Name: client.name,
    WhatsApp_Number: client.whatsappNumber ?? "",
    Profile_Pic_URL: null,
    Company_Id: newId(),
    timestamp: at(3),
  });
  const list = applyToClients(applyToClients(listOf(), "", registered), "", registered);
  expect(list.items).toMatchObject([{ id: client.id, lastContactAt: at(3) }]);
});

test("an older version changes nothing", () => {
  const client = aClient({ version: 5 });
  const list = listOf(client);
  expect(applyToClients(list, "", update(client, 4, { Name: "old" }))).toBe(list);
});

test("a client whose new name does not match the search leaves the list", () => {
  const client = aClient({ name: "Ana" });
  expect(applyToClients(listOf(client), "ana", update(client, 2, { Name: "Bia" })).items).toEqual([]);
});

test("a session follows its status events, and an older version changes nothing", () => {
  const session: Session = {
    id: newId(),
    name: "Vendas",
    engine: "simulator",
    status: "disconnected",
    detail: "stopped",
    reason: null,
    phoneNumber: null,
    groupsEnabled: false,
    version: 2,
    createdAt: at(0),
    updatedAt: at(0),
  };
  const scan = frame("session_status", 3, { sessionId: session.id, status: "qr", detail: "qr", timestamp: at(1) });
  const before = [session];
  const after = applyToSessions(before, scan);
  expect(after).toMatchObject([{ status: "qr", detail: "qr", version: 3, updatedAt: at(1) }]);
  expect(applyToSessions(after, { ...scan, version: 2, data: { ...scan.data, status: "connecting" } })).toBe(after);
});

test("a client that was merged into another one leaves the list", () => {
  const [kept, gone] = [aClient(), aClient()];
  const merged = update(gone, 9, { Merged_Into: kept.id });
  const list = applyToClients(listOf(kept, gone), "", merged);
  expect(list.items.map(({ id }) => id)).toEqual([kept.id]);
  expect(applyToClients(list, "", merged).items).toHaveLength(1);
});
