import type { Consumer } from "@syszap/contracts";
import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { ConsumersPage } from "../../src/pages/consumers-page.tsx";
import { at } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, called, answerWith } = preparePage();

const aConsumer = (overrides: Partial<Consumer> = {}): Consumer => ({
  name: "erp",
  types: null,
  cursor: "0a1b2c3d.7",
  eventsBehind: 0,
  oldestUnacknowledgedAt: null,
  acknowledgedAt: null,
  createdAt: at(0),
  ...overrides,
});

function withConsumers(items: Consumer[]) {
  answerWith(({ path }) => (path === "/v1/consumers" ? { body: { items } } : { body: {} }));
  show(<ConsumersPage />);
}

test("shows how far each consumer is behind", async () => {
  withConsumers([
    aConsumer(),
    aConsumer({
      name: "bi",
      types: ["new_message"],
      eventsBehind: 12,
      oldestUnacknowledgedAt: at(0),
      acknowledgedAt: at(0),
    }),
  ]);
  const [erp, bi] = await screen.findAllByTestId("consumer");
  expect(erp?.textContent).toContain("Em dia");
  expect(erp?.textContent).toContain("Todos os eventos");
  expect(bi?.textContent).toContain("12 eventos atrasados, o mais antigo de");
  expect(bi?.textContent).toContain("new_message");
});

test("removes a consumer after a confirmation", async () => {
  withConsumers([aConsumer()]);
  fireEvent.click(await screen.findByTestId("consumer-remove"));
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect((await called("/v1/consumers/erp")).method).toBe("DELETE");
});

test("explains how a consumer is created when there is none", async () => {
  withConsumers([]);
  await screen.findByText("Nenhum consumidor");
});
