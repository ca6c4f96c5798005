import { act, fireEvent, screen } from "@testing-library/react";
import i18next from "i18next";
import { expect, test } from "vitest";
import { Composer } from "../../src/components/inbox/composer/composer.tsx";
import { MessageBubble } from "../../src/components/inbox/message-bubble.tsx";
import { LoginPage } from "../../src/pages/login-page.tsx";
import { aMessage, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, called, answerWith, calls } = preparePage();

test("Enter sends the text with a new idempotency key, Shift+Enter does not send", async () => {
  const chatId = newId();
  const path = `/v1/chats/${chatId}/messages`;
  const body = "Olá\n  com espaços ";
  answerWith((call) => (call.path === path ? { status: 202, body: aMessage({ chatId, direction: 1 }) } : undefined));
  show(<Composer chatId={chatId} />);
  const field = screen.getByTestId("composer");
  fireEvent.change(field, { target: { value: body } });
  fireEvent.keyDown(field, { key: "Enter", shiftKey: true });
  expect(calls.some((call) => call.path === path)).toBe(false);
  fireEvent.keyDown(field, { key: "Enter" });
  const sent = await called(path);
  expect(sent.body).toEqual({ body });
  expect(sent.headers.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
  expect((field as HTMLTextAreaElement).value).toBe("");
});

test("sends no blank text, and nothing while an input method composes a character", () => {
  const chatId = newId();
  show(<Composer chatId={chatId} />);
  const field = screen.getByTestId("composer");
  fireEvent.change(field, { target: { value: " \n " } });
  fireEvent.keyDown(field, { key: "Enter" });
  fireEvent.change(field, { target: { value: "に" } });
  fireEvent.keyDown(field, { key: "Enter", isComposing: true });
  expect(calls).toEqual([]);
});

test("a message shows its text unchanged, its status and the reason of a failure", () => {
  const body = "uma\n\tduas  <b>três</b>";
  const message = aMessage({ direction: 1, status: "failed", failureReason: "sem WhatsApp", body });
  let resent = "";
  show(<MessageBubble message={message} isFirstOfGroup onResend={(again) => (resent = again.body)} />);
  expect(screen.getByTestId("message-body").textContent).toBe(body);
  expect(screen.getByTestId("message").dataset).toMatchObject({
    status: "failed",
    direction: "1",
    messageId: message.id,
  });
  expect(screen.getByRole("alert").textContent).toContain("sem WhatsApp");
  fireEvent.click(screen.getByText("Tentar de novo"));
  expect(resent).toBe(body);
});

test("a message whose file is too large shows the file, the reason and where to open it", async () => {
  const about = { reason: "in English", mimeType: "video/mp4", fileName: "festa.mp4" };
  const missingMedia = { ...about, state: "too_large", size: 512_000_000, limit: 256_000_000 } as const;
  const frame = aMessage({ type: 2, body: "", missingMedia });
  show(<MessageBubble message={frame} isFirstOfGroup onResend={() => undefined} />);
  const shown = screen.getByTestId("missing-file");
  expect(shown.textContent).toContain("festa.mp4");
  expect(shown.textContent).toContain("512 MB");
  expect(shown.textContent).toContain(
    "Arquivo grande demais: o sysZap guarda arquivos de até 256 MB. Abra no celular.",
  );
  await act(() => i18next.changeLanguage("en"));
  expect(shown.textContent).toContain(
    "The file is too large: sysZap stores files of up to 256 MB. Open it on the phone.",
  );
});

test("a message explains that WhatsApp did not provide its file", () => {
  const about = { reason: "in English", mimeType: "image/png", fileName: null, size: null, limit: null };
  const message = aMessage({ type: 1, body: "olha", missingMedia: { ...about, state: "unavailable" } });
  show(<MessageBubble message={message} isFirstOfGroup onResend={() => undefined} />);
  expect(screen.getByTestId("missing-file").textContent).toContain("O WhatsApp não entregou o arquivo.");
  expect(screen.getByTestId("message-body").textContent).toBe("olha");
});

test("a wrong password is explained in the user's language", async () => {
  const problem = { type: "/problems/wrong-credentials", status: 401, title: "E-mail or password is wrong" };
  answerWith((call) => (call.path === "/v1/auth/login" ? { status: 401, body: problem } : undefined));
  show(<LoginPage wasExpired={false} />);
  fireEvent.change(screen.getByTestId("login-email"), { target: { value: "ana@bomdia.example" } });
  fireEvent.change(screen.getByTestId("login-password"), { target: { value: "x" } });
  fireEvent.click(screen.getByTestId("login-submit"));
  expect((await screen.findByTestId("login-error")).textContent).toBe("E-mail ou senha incorretos.");
  await act(() => i18next.changeLanguage("en"));
  expect(screen.getByTestId("login-error").textContent).toBe("Wrong e-mail or password.");
});
