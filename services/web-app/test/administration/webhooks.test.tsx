import type { Webhook, WebhookDelivery } from "@syszap/contracts";
import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { WebhooksPage } from "../../src/pages/webhooks-page.tsx";
import { at, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, called, answerWith } = preparePage();

const aWebhook = (overrides: Partial<Webhook> = {}): Webhook => ({
  id: newId(),
  url: "https://erp.example.com/hooks",
  description: "ERP",
  eventTypes: null,
  isOneAtATime: false,
  isEnabled: true,
  disabledAt: null,
  disabledReason: null,
  failingSince: null,
  pausedUntil: null,
  lastSuccessAt: null,
  lastFailureAt: null,
  previousSecretEndsAt: null,
  createdAt: at(0),
  updatedAt: at(0),
  ...overrides,
});
const aDelivery = (overrides: Partial<WebhookDelivery> = {}): WebhookDelivery => ({
  eventId: newId(),
  eventType: "new_message",
  state: "failed",
  attempts: 1,
  tries: [{ at: at(0), durationMs: 31, status: 500, error: "answered 500", reason: "status", excerpt: "<b>cheio</b>" }],
  nextAttemptAt: null,
  createdAt: at(0),
  finishedAt: at(0),
  ...overrides,
});

function withWebhooks(webhooks: Webhook[], deliveries: WebhookDelivery[] = []) {
  answerWith(({ method, path }) => {
    if (method === "POST" && path === "/v1/webhooks")
      return { status: 201, body: { ...aWebhook(), secret: "whsec_so-agora" } };
    if (path.endsWith("/rotate-secret")) return { body: { ...webhooks[0], secret: "whsec_novo" } };
    if (path.includes("/deliveries?")) return { body: { items: deliveries, next: null } };
    if (path.endsWith("/redrive")) return { status: 202, body: { redriven: 3, remaining: 2 } };
    return path === "/v1/webhooks" ? { body: { items: webhooks } } : { body: {} };
  });
  show(<WebhooksPage />);
}

test("creates a webhook for the chosen events and shows its secret once", async () => {
  withWebhooks([]);
  await screen.findByText("Nenhum endereço");
  fireEvent.click(screen.getByTestId("webhook-new"));
  fireEvent.change(screen.getByTestId("webhook-url"), { target: { value: "https://erp.example.com/hooks" } });
  fireEvent.click(screen.getByTestId("webhook-some"));
  expect((screen.getByTestId("webhook-save") as HTMLButtonElement).disabled).toBe(true);
  fireEvent.click(screen.getByLabelText("new_message"));
  answerWithPost();
  fireEvent.click(screen.getByTestId("webhook-save"));
  expect((await screen.findByTestId("webhook-secret-value")).textContent).toBe("whsec_so-agora");
  fireEvent.click(screen.getByTestId("webhook-secret-kept"));
  expect(screen.queryByTestId("webhook-secret-value")).toBeNull();
});

/** Answers like the server and checks the request that creates a webhook. */
function answerWithPost() {
  answerWith(({ method, path, body }) => {
    if (method !== "POST") return { body: { items: [] } };
    expect([path, body]).toEqual([
      "/v1/webhooks",
      { url: "https://erp.example.com/hooks", description: "", eventTypes: ["new_message"], isOneAtATime: false },
    ]);
    return { status: 201, body: { ...aWebhook(), secret: "whsec_so-agora" } };
  });
}

test.for([
  [{ isEnabled: true }, "Ligado"],
  [{ isEnabled: false, disabledAt: at(0), disabledReason: "gone" }, "respondeu 410"],
  [{ isEnabled: false, disabledAt: at(0), disabledReason: "failing" }, "todas as entregas falharam"],
  [{ isEnabled: true, failingSince: at(0), pausedUntil: at(1) }, "Falhando desde"],
] as [Partial<Webhook>, string][])("a webhook shows its condition: %o", async ([overrides, text]) => {
  withWebhooks([aWebhook(overrides)]);
  expect((await screen.findByTestId("webhook-condition")).textContent).toContain(text);
  const isEnabled = overrides.isEnabled ?? true;
  expect((screen.getByTestId("webhook-test") as HTMLButtonElement).disabled).toBe(!isEnabled);
  expect(screen.getByTestId("webhook-switch").textContent).toBe(isEnabled ? "Desligar" : "Ligar");
});

test("the log shows the answers as text, and resends one or all failed deliveries", async () => {
  const webhook = aWebhook();
  const delivery = aDelivery();
  withWebhooks([webhook], [delivery]);
  fireEvent.click(await screen.findByTestId("webhook-log"));
  expect((await screen.findByTestId("delivery")).textContent).toContain("<b>cheio</b>");
  expect(screen.getByTestId("delivery").textContent).toContain("respondeu 500, e não 2xx");
  fireEvent.click(screen.getByTestId("delivery-redrive"));
  await called(`/v1/webhooks/${webhook.id}/deliveries/${delivery.eventId}/redrive`);
  fireEvent.click(screen.getByTestId("redrive-failed"));
  expect((await screen.findByRole("status")).textContent).toContain("3 entregas");
  expect(screen.getByText(/restam 2/)).toBeDefined();
});

test("opening the log refreshes the condition of the webhook", async () => {
  const webhook = aWebhook();
  let listed = 0;
  answerWith(({ path }) => {
    if (path.includes("/deliveries?")) return { body: { items: [aDelivery()], next: null } };
    return { body: { items: [listed++ === 0 ? webhook : { ...webhook, failingSince: at(0) }] } };
  });
  show(<WebhooksPage />);
  await screen.findByText("Ligado");
  fireEvent.click(screen.getByTestId("webhook-log"));
  await screen.findByText(/Falhando desde/);
});

test("changes a secret and deletes a webhook only after confirmation", async () => {
  const webhook = aWebhook();
  withWebhooks([webhook]);
  fireEvent.click(await screen.findByTestId("webhook-rotate"));
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect((await screen.findByTestId("webhook-secret-value")).textContent).toBe("whsec_novo");
  fireEvent.click(screen.getByTestId("webhook-secret-kept"));
  fireEvent.click(screen.getByTestId("webhook-remove"));
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect((await called(`/v1/webhooks/${webhook.id}`)).method).toBe("DELETE");
});
