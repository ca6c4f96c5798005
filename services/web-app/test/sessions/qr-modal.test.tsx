import { act, fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { QrModal } from "../../src/components/sessions/qr-modal.tsx";
import { applyPairingCode, applyQr } from "../../src/live/apply-events.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { aSession, preparePage } from "../support/page.tsx";

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

test("requests a connection, shows each new code and closes when the session is connected", async () => {
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

test("explains an expired code, and a button requests a new one", async () => {
  answerWith(({ path }) => (path === connectPath ? { status: 202, body: session } : undefined));
  const update = show(shown({ status: "qr", detail: "qr", version: 2 }, () => undefined));
  update(shown({ status: "disconnected", detail: "qr_expired", version: 3 }, () => undefined));
  expect(screen.getByRole("alert").textContent).toBe("O QR code expirou");
  expect(calls.some((call) => call.path === connectPath)).toBe(false);
  fireEvent.click(screen.getByTestId("qr-retry"));
  await called(connectPath);
});

test("explains a demanded passkey in steps, and a button continues with a new code", async () => {
  answerWith(({ path }) => (path === connectPath ? { status: 202, body: session } : undefined));
  const ended = { status: "disconnected", detail: "action_required", reason: "passkey_required", version: 3 } as const;
  const update = show(shown({ status: "qr", detail: "qr", version: 2 }, () => undefined));
  update(shown(ended, () => undefined));
  expect(screen.getByRole("alert").textContent).toBe("O WhatsApp pediu uma chave de acesso");
  expect(screen.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
    expect.stringContaining("Chaves de acesso"),
    expect.stringContaining("Tente de novo"),
    expect.stringContaining("outro número"),
    expect.stringContaining("Cloud API"),
  ]);
  fireEvent.click(screen.getByTestId("qr-retry"));
  await called(connectPath);
  update(shown({ status: "qr", detail: "qr", version: 4 }, () => undefined));
  await issue(1);
  expect(screen.getByTestId("qr-image")).toBeTruthy();
  expect(screen.queryByText(/Cloud API/)).toBeNull();
});

test("shows the pairing code of a phone number in two groups, follows each change and closes when connected", async () => {
  answerWith(({ path }) => (path === connectPath ? { status: 202, body: session } : undefined));
  let closed = 0;
  const at = { status: "qr", detail: "qr", version: 2 } as const;
  const update = show(shown(at, () => (closed += 1)));
  fireEvent.click(screen.getByText("Conectar com número de telefone"));
  const number = screen.getByTestId("pairing-number");
  const ask = screen.getByTestId<HTMLButtonElement>("pairing-ask");
  for (const wrong of ["", "11 9", "011 98765-4321"]) {
    fireEvent.change(number, { target: { value: wrong } });
    expect(ask.disabled).toBe(true);
  }
  fireEvent.change(number, { target: { value: "+55 (11) 98765-4321" } });
  fireEvent.click(ask);
  expect(await called(connectPath)).toMatchObject({ method: "POST", body: { phoneNumber: "5511987654321" } });
  await screen.findByText("Pedindo um código ao WhatsApp…");
  const times = { expiresAt: new Date(Date.now() + 180_000).toISOString(), timestamp: new Date().toISOString() };
  for (const [attempt, pairingCode] of [
    [1, "7WX2K9QD"],
    [2, "ABCD1234"],
  ] as const) {
    const data = { sessionId: session.id, pairingCode, phoneNumber: "5511987654321", attempt, ...times };
    await act(async () => applyPairingCode(queryClient, data));
    const groups = [...screen.getByTestId("pairing-code").children].map(({ textContent }) => textContent);
    expect(groups).toEqual([pairingCode.slice(0, 4), pairingCode.slice(4)]);
  }
  expect(screen.getByText("Para o telefone +55 11 98765-4321")).toBeTruthy();
  expect(screen.getByText(/Troca em 1[78]\d s/)).toBeTruthy();
  update(shown({ status: "connected", detail: "connected", version: 3 }, () => (closed += 1)));
  expect(closed).toBe(1);
});

test("explains beside the field that a number is connected elsewhere or was refused by WhatsApp", async () => {
  const body = { type: "/problems/number-in-use", status: 409, title: "This number is connected in another session" };
  answerWith(({ path }) => (path === connectPath ? { status: 409, body } : undefined));
  const at = { status: "qr", detail: "qr", version: 2 } as const;
  const update = show(shown(at, () => undefined));
  fireEvent.click(screen.getByTestId("pairing-choose"));
  fireEvent.change(screen.getByTestId("pairing-number"), { target: { value: "5511987654321" } });
  fireEvent.click(screen.getByTestId("pairing-ask"));
  expect((await screen.findByRole("alert")).textContent).toContain("já está conectado em outra sessão");

  answerWith(({ path }) => (path === connectPath ? { status: 202, body: session } : undefined));
  fireEvent.click(screen.getByTestId("pairing-ask"));
  await screen.findByText("Pedindo um código ao WhatsApp…");
  update(shown({ ...at, version: 3, reason: "pairing_refused" }, () => undefined));
  expect(screen.getByRole("alert").textContent).toContain("não deu um código");
});
