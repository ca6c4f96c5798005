import { pagePaths, problemTypes } from "@syszap/contracts/constants";
import { fireEvent, render, screen } from "@testing-library/react";
import i18next from "i18next";
import { Route, Routes } from "react-router";
import { expect, onTestFinished, test, vi } from "vitest";
import { App } from "../../src/app.tsx";
import { auth } from "../../src/page/api.ts";
import { ForgotPasswordPage } from "../../src/pages/access/forgot-password-page.tsx";
import { InvitationPage } from "../../src/pages/access/invitation-page.tsx";
import { PasswordResetPage } from "../../src/pages/access/password-reset-page.tsx";
import { at } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, called, calls, answerWith, me } = preparePage();

const invitation = {
  companyName: "Padaria Bom Dia",
  email: "bia@bomdia.example",
  name: "Bia",
  language: "pt-BR",
  expiresAt: at(9),
};
const deadLink = { status: 410, body: problemTypes.link_invalid };

/** Opens a page by a link with this token. */
function open(path: string, token: string) {
  window.history.replaceState(null, "", token === "" ? path : `${path}#${token}`);
  show(
    <Routes>
      <Route path={pagePaths.invitation} element={<InvitationPage />} />
      <Route path={pagePaths.passwordReset} element={<PasswordResetPage />} />
      <Route path={pagePaths.forgotPassword} element={<ForgotPasswordPage />} />
      <Route path="/messages" element={<p>a caixa de entrada</p>} />
    </Routes>,
    path,
  );
}

test.for([
  [pagePaths.invitation, "link-problem"],
  [pagePaths.passwordReset, "link-problem"],
  [pagePaths.forgotPassword, "forgot-email"],
] as const)("the page opens at %s without a login", async ([path, content]) => {
  window.history.replaceState(null, "", path);
  render(<App />);
  expect(await screen.findByTestId(content)).toBeDefined();
});

test("a link without its token says so and asks for the whole link", () => {
  open(pagePaths.invitation, "");
  expect(screen.getByTestId("link-problem").textContent).toContain("Este endereço está incompleto");
});

test("an invitation shows the company, removes its token from the address, and signs in", async () => {
  answerWith(({ path }) => {
    if (path === "/v1/invitations/read") return { body: invitation };
    if (path === "/v1/invitations/accept") return { body: { accessToken: "t", expiresInSeconds: 600, me } };
    return undefined;
  });
  open(pagePaths.invitation, "segredo");
  expect(await screen.findByText("Padaria Bom Dia convidou você")).toBeDefined();
  expect(window.location.href).not.toContain("segredo");
  expect(screen.getByText(/bia@bomdia.example/)).toBeDefined();
  fireEvent.change(screen.getByTestId("accept-name"), { target: { value: "Bia Prado" } });
  fireEvent.change(screen.getByTestId("accept-password"), { target: { value: "uma frase bem longa" } });
  fireEvent.click(screen.getByTestId("accept-submit"));
  expect(await screen.findByText("a caixa de entrada")).toBeDefined();
  expect((await called("/v1/invitations/accept")).body).toEqual({
    token: "segredo",
    name: "Bia Prado",
    password: "uma frase bem longa",
    language: "pt-BR",
  });
  expect(auth.state.get().kind).toBe("signed_in");
  expect(calls.every(({ path }) => !path.includes("segredo"))).toBe(true);
});

test("an invited admin sets up the second factor that the company requires, and then enters", async () => {
  const challenge = { secondFactor: "setup_required", challenge: "c", expiresInSeconds: 900 };
  const setup = { secret: "ABCDEFGH", uri: "otpauth://totp/x", qrCode: "data:image/png;base64,AA" };
  answerWith(({ path }) => {
    if (path === "/v1/invitations/read") return { body: invitation };
    if (path === "/v1/invitations/accept") return { body: challenge };
    if (path === "/v1/auth/login/second-factor/setup") return { body: setup };
    if (path !== "/v1/auth/login/second-factor/activate") return undefined;
    return { body: { accessToken: "t", expiresInSeconds: 600, me, recoveryCodes: ["aaaa-bbbb-cccc-dddd"] } };
  });
  auth.expire();
  open(pagePaths.invitation, "exigido");
  fireEvent.change(await screen.findByTestId("accept-password"), { target: { value: "uma frase bem longa" } });
  fireEvent.click(screen.getByTestId("accept-submit"));
  fireEvent.click(await screen.findByTestId("second-factor-start"));
  fireEvent.change(await screen.findByTestId("second-factor-code"), { target: { value: "123456" } });
  fireEvent.click(screen.getByTestId("second-factor-submit"));
  fireEvent.click(await screen.findByTestId("recovery-codes-kept"));
  expect(await screen.findByText("a caixa de entrada")).toBeDefined();
  expect(auth.state.get().kind).toBe("signed_in");
});

test("the page of an invitation uses the language of the invitation", async () => {
  answerWith(() => ({ body: { ...invitation, language: "en" } }));
  open(pagePaths.invitation, "english");
  expect(await screen.findByText("Padaria Bom Dia invited you")).toBeDefined();
  await i18next.changeLanguage("pt-BR");
});

test.for([deadLink, { status: 422, body: problemTypes.invalid }])(
  "a used, expired or altered invitation says what to do: %o",
  async (answer) => {
    answerWith(() => answer);
    open(pagePaths.invitation, "velho");
    expect((await screen.findByTestId("link-problem")).textContent).toContain("peça um novo convite");
  },
);

test("an invitation that was used in the meantime says so, and a refused password keeps the form", async () => {
  let answer: { status: number; body: object } = {
    status: 422,
    body: { ...problemTypes.invalid, errors: [{ path: "password", message: "is too common" }] },
  };
  answerWith(({ path }) => (path === "/v1/invitations/read" ? { body: invitation } : answer));
  open(pagePaths.invitation, "quase");
  fireEvent.change(await screen.findByTestId("accept-password"), { target: { value: "1234567890" } });
  fireEvent.click(screen.getByTestId("accept-submit"));
  expect((await screen.findByRole("alert")).textContent).toContain("mais difícil de adivinhar");
  answer = deadLink;
  fireEvent.click(screen.getByTestId("accept-submit"));
  expect(await screen.findByTestId("link-problem")).toBeDefined();
});

test.for([
  ["on", /o link chega em alguns minutos/],
  ["off", /Peça ao administrador/],
] as const)("a forgotten password: with e-mail %s", async ([mail, text]) => {
  answerWith(() => ({ status: 202, body: { mail } }));
  open(pagePaths.forgotPassword, "");
  fireEvent.change(screen.getByTestId("forgot-email"), { target: { value: " bia@bomdia.example" } });
  fireEvent.click(screen.getByTestId("forgot-submit"));
  expect((await screen.findByTestId("forgot-done")).textContent).toMatch(text);
  expect((await called("/v1/password-resets")).body).toEqual({ email: "bia@bomdia.example" });
});

test("a reset link sets the password and leads to the sign-in", async () => {
  answerWith(() => ({ body: {} }));
  open(pagePaths.passwordReset, "chave");
  expect(window.location.hash).toBe("");
  fireEvent.change(screen.getByTestId("reset-password"), { target: { value: "uma frase bem longa" } });
  fireEvent.click(screen.getByTestId("reset-submit"));
  expect((await screen.findByTestId("reset-done")).textContent).toContain("Entre com ela");
  expect((await called("/v1/password-resets/confirm")).body).toEqual({
    token: "chave",
    password: "uma frase bem longa",
  });
});

test("a dead reset link says how to get another one", async () => {
  answerWith(() => deadLink);
  open(pagePaths.passwordReset, "velha");
  fireEvent.change(screen.getByTestId("reset-password"), { target: { value: "uma frase bem longa" } });
  fireEvent.click(screen.getByTestId("reset-submit"));
  expect((await screen.findByTestId("link-problem")).textContent).toContain("Esqueci minha senha");
});

test("other tabs are signed out when an invitation is accepted, and not when it is refused", async () => {
  const posted = vi.spyOn(BroadcastChannel.prototype, "postMessage");
  onTestFinished(() => posted.mockRestore());
  let answer: { status: number; body: object } = {
    status: 422,
    body: { ...problemTypes.invalid, errors: [{ path: "password", message: "is too common" }] },
  };
  answerWith(({ path }) => (path === "/v1/invitations/read" ? { body: invitation } : answer));
  open(pagePaths.invitation, "quase");
  fireEvent.change(await screen.findByTestId("accept-password"), { target: { value: "1234567890" } });
  fireEvent.click(screen.getByTestId("accept-submit"));
  await screen.findByRole("alert");
  expect(posted).not.toHaveBeenCalled();
  answer = { status: 200, body: { accessToken: "t", expiresInSeconds: 600, me } };
  fireEvent.click(screen.getByTestId("accept-submit"));
  await screen.findByText("a caixa de entrada");
  expect(posted).toHaveBeenCalledOnce();
});
