import type { Client, ClientDetails } from "@syszap/contracts";
import { fireEvent, screen } from "@testing-library/react";
import { Toaster } from "sonner";
import { expect, test } from "vitest";
import { ClientsPage } from "../../src/pages/clients-page.tsx";
import { aClient, at, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, calls, answerWith } = preparePage();

const number = { id: "a".repeat(32), number: "5511987654321", isCurrent: true, firstSeenAt: at(0), lastSeenAt: at(1) };
const hidden = { id: "b".repeat(32), number: null, isCurrent: true, firstSeenAt: at(0), lastSeenAt: at(1) };
const former = { id: "c".repeat(32), number: "5215512345678", isCurrent: false, firstSeenAt: at(0), lastSeenAt: at(1) };

function showClients(clients: Client[], details: Partial<ClientDetails> = {}) {
  const [first = aClient()] = clients;
  const answer: ClientDetails = { ...first, addresses: [number, hidden, former], merges: [], ...details };
  answerWith(({ method, path }) => {
    if (method === "POST") return { body: answer };
    if (path.startsWith(`/v1/clients/${first.id}`)) return { body: answer };
    if (path.startsWith("/v1/clients")) return { body: { items: clients, next: null } };
    return { body: { items: [], next: null } };
  });
  show(
    <>
      <ClientsPage />
      <Toaster />
    </>,
  );
}
const posted = () =>
  calls
    .filter(({ method, path }) => method === "POST" && path.startsWith("/v1/clients"))
    .map(({ path, body }) => ({ path, body }));

test("a client without name and number is shown as a hidden number", async () => {
  showClients([aClient({ name: "", whatsappNumber: null })]);
  const row = await screen.findByTestId("client-row");
  expect(row.textContent).toContain("número oculto");
  expect(row.textContent).not.toContain("+");
});

test("shows the numbers of a client over time, in the form of their country", async () => {
  showClients([aClient()]);
  fireEvent.click(await screen.findByTestId("client-details"));
  await screen.findByText(/\+52 1?\s?55 1234 5678|\+52 15512345678/);
  const rows = (await screen.findAllByTestId("client-address")).map(({ textContent }) => textContent ?? "");
  expect(rows[0]).toContain("+55 11 98765-4321");
  expect(rows[1]).toContain("número oculto");
  expect(rows[2]).toContain("número anterior");
});

test("shows the WhatsApp user name of a client who has one", async () => {
  showClients([aClient({ username: "mari.doces" })]);
  fireEvent.click(await screen.findByTestId("client-details"));
  expect((await screen.findByTestId("client-username")).textContent).toBe("@mari.doces");
});

test("merges a client into another one, and undoes it", async () => {
  const [one, other] = [aClient(), aClient({ name: "Bia" })];
  const merge = { id: newId(), name: "Bia", whatsappNumber: null, mergedAt: at(0), undoUntil: at(1) };
  showClients([one, other], { merges: [merge] });
  const [details] = await screen.findAllByTestId("client-details");
  if (details) fireEvent.click(details);
  fireEvent.click(await screen.findByTestId("client-undo"));
  await screen.findByText("Os dois clientes estão de volta.");
  fireEvent.click(screen.getByTestId("client-merge"));
  fireEvent.click(await screen.findByTestId(`merge-${other.id}`));
  fireEvent.click(screen.getByTestId("merge-save"));
  await screen.findByTestId("client-dialog");
  expect(posted()).toEqual([
    { path: `/v1/clients/${one.id}/merges/${merge.id}/undo`, body: undefined },
    { path: `/v1/clients/${one.id}/merges`, body: { clientId: other.id } },
  ]);
});

test("splits a client by number, and needs a time if nothing else would stay", async () => {
  const one = aClient();
  showClients([one]);
  fireEvent.click(await screen.findByTestId("client-details"));
  fireEvent.click(await screen.findByTestId("client-split"));
  const save = screen.getByTestId<HTMLButtonElement>("split-save");
  expect(save.disabled).toBe(true);
  fireEvent.click(screen.getByTestId(`address-${number.id}`));
  expect(save.disabled).toBe(false);
  fireEvent.click(screen.getByTestId(`address-${hidden.id}`));
  expect(save.disabled).toBe(true);
  fireEvent.click(screen.getByTestId(`address-${number.id}`));
  fireEvent.change(screen.getByTestId("split-name"), { target: { value: " Outra " } });
  fireEvent.click(save);
  await screen.findByTestId("client-dialog");
  expect(posted()).toEqual([
    { path: `/v1/clients/${one.id}/splits`, body: { addressIds: [hidden.id], name: "Outra" } },
  ]);
});

test("a client is erased only after its name was typed, and is gone from the list", async () => {
  const client = aClient({ name: "João" });
  const clients = [client];
  showClients(clients);
  fireEvent.click(await screen.findByTestId("client-details"));
  fireEvent.click(await screen.findByTestId("client-erase"));
  const save = screen.getByTestId<HTMLButtonElement>("erase-save");
  expect(save.disabled).toBe(true);
  fireEvent.change(screen.getByTestId("erase-name"), { target: { value: "joão" } });
  expect(save.disabled).toBe(true);
  fireEvent.change(screen.getByTestId("erase-name"), { target: { value: "João" } });
  clients.pop();
  fireEvent.click(save);
  expect(await screen.findByText(/As mensagens estão sendo apagadas/)).toBeDefined();
  expect(posted()).toEqual([{ path: `/v1/clients/${client.id}/erasure`, body: { name: "João" } }]);
  await expect.poll(() => screen.queryByTestId("client-row")).toBeNull();
});
