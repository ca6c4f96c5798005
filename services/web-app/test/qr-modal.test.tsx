// @vitest-environment happy-dom
import { act, fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { QrModal } from "../src/components/sessions/qr-modal.tsx";
import { applyQr } from "../src/live/apply-events.ts";
import { queryClient } from "../src/page-state.ts";
import { aSession, preparePage } from "./page-test.tsx";

const { show, called, answerWith, calls } = preparePage();
const session = aSession();
const connectPath = `/v1/sessions/${session.id}/connect`;
const shown = (overrides: Parameters<typeof aSession>[0], onClose: () => void) => (
  <QrModal session={{ ...session, ...overrides }} onClose={onClose} />
);
const issue = (attempt: number) =>
  act(async () => {
    const timestamp = new Date().toISOString();
    const expiresAt = new Date(Date.now() + 20_000).toISOString();
    applyQr(queryClient, { sessionId: session.id, qrCode: `data:${attempt}`, expiresAt, attempt, timestamp });
  });

test("it asks to connect, follows each rotation and closes by itself when connected", async () => {
  answerWith(({ path }) => (path === connectPath ? { status: 202, body: session } : undefined));
  let closed = 0;
  const update = show(shown({}, () => (closed += 1)));
  expect((await called(connectPath)).method).toBe("POST");
  update(shown({ status: "qr", detail: "qr", version: 2 }, () => (closed += 1)));
  for (const attempt of [1, 2]) {
    await issue(attempt);
    expect(screen.getByTestId("qr-image").getAttribute("src")).toBe(`data:${attempt}`);
  }
  update(shown({ status: "connecting", detail: "syncing", version: 3 }, () => (closed += 1)));
  expect(screen.getByText(/Sincronizando/)).toBeTruthy();
  expect(closed).toBe(0);
  update(shown({ status: "connected", detail: "connected", version: 4 }, () => (closed += 1)));
  expect(closed).toBe(1);
});

test("an expired code is explained, and a button asks for another", async () => {
  answerWith(({ path }) => (path === connectPath ? { status: 202, body: session } : undefined));
  const update = show(shown({ status: "qr", detail: "qr", version: 2 }, () => undefined));
  update(shown({ status: "disconnected", detail: "qr_expired", version: 3 }, () => undefined));
  expect(screen.getByRole("alert").textContent).toBe("O QR code expirou");
  expect(calls.some((call) => call.path === connectPath)).toBe(false);
  fireEvent.click(screen.getByTestId("qr-retry"));
  await called(connectPath);
});
