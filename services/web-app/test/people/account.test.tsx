import type { OpenLogin } from "@syszap/contracts";
import { problemTypes } from "@syszap/contracts/constants";
import { act, fireEvent, screen, within } from "@testing-library/react";
import i18next from "i18next";
import { Toaster } from "sonner";
import { expect, test } from "vitest";
import { auth } from "../../src/page/api.ts";
import { AccountPage } from "../../src/pages/account-page.tsx";
import { at, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, called, calls, answerWith, me } = preparePage();

const aLogin = (overrides: Partial<OpenLogin> = {}): OpenLogin => ({
  id: newId(),
  isCurrent: false,
  browser: "Chrome",
  system: "Windows",
  address: "203.0.113.7",
  startedAt: at(0),
  lastSeenAt: at(1),
  ...overrides,
});

const secondFactor = { isOn: false, isRequired: false, activatedAt: null, recoveryCodesLeft: 0 };

async function showAccount(logins: OpenLogin[], answer?: Parameters<typeof answerWith>[0]) {
  answerWith((call) => {
    if (call.method === "GET" && call.path === "/v1/me/logins") return { body: { items: logins } };
    if (call.path === "/v1/me/second-factor") return { body: secondFactor };
    return answer?.(call);
  });
  await act(() => auth.refresh());
  show(
    <>
      <AccountPage />
      <Toaster />
    </>,
  );
}

test("changes the name", async () => {
  await showAccount([], () => ({ body: { ...me, name: "Ana Souza" } }));
  expect(screen.getByTestId<HTMLButtonElement>("account-save").disabled).toBe(true);
  fireEvent.change(screen.getByTestId("account-name"), { target: { value: "Ana Souza " } });
  fireEvent.click(screen.getByTestId("account-save"));
  expect(await screen.findByText("Salvo")).toBeDefined();
  expect((await called("/v1/me")).body).toEqual({ name: "Ana Souza" });
  expect(auth.state.get()).toMatchObject({ me: { name: "Ana Souza" } });
});

test("a language is shown at once and stored in the account", async () => {
  await showAccount([], () => ({ body: { ...me, language: "en" } }));
  fireEvent.change(screen.getByTestId("language"), { target: { value: "en" } });
  expect(await screen.findByText("My account")).toBeDefined();
  expect((await called("/v1/me")).body).toEqual({ language: "en" });
  await act(() => i18next.changeLanguage("pt-BR"));
});

test("a wrong current password is explained, and the right one clears the form", async () => {
  let isWrong = true;
  const errors = [{ path: "current", message: "is not your current password" }];
  const refused = { status: 422, body: { ...problemTypes.invalid, errors } };
  await showAccount([], () => (isWrong ? refused : { body: {} }));
  fireEvent.change(screen.getByTestId("password-current"), { target: { value: "errada" } });
  fireEvent.change(screen.getByTestId("password-new"), { target: { value: "uma frase bem longa" } });
  fireEvent.click(screen.getByTestId("password-save"));
  expect((await screen.findByRole("alert")).textContent).toBe("A senha atual não está correta.");
  expect(auth.state.get().kind).toBe("signed_in");
  isWrong = false;
  fireEvent.click(screen.getByTestId("password-save"));
  expect(await screen.findByText(/Senha trocada/)).toBeDefined();
  expect(screen.getByTestId<HTMLInputElement>("password-current").value).toBe("");
});

test("lists the open logins and ends one, the others, or all of them", async () => {
  const [here, phone] = [aLogin({ isCurrent: true }), aLogin({ browser: null, system: null, address: null })];
  await showAccount([here, phone], ({ method }) => (method === "DELETE" ? { body: {} } : undefined));
  const [first, second] = await screen.findAllByTestId("login");
  if (!first || !second) throw new Error("The logins are not listed");
  expect(first.textContent).toContain("Chrome · Windows");
  expect(first.textContent).toContain("Este aparelho");
  expect(first.textContent).toContain("203.0.113.7");
  expect(within(first).queryByTestId("login-end")).toBeNull();
  expect(second.textContent).toContain("Aparelho desconhecido");
  fireEvent.click(within(second).getByTestId("login-end"));
  expect((await called(`/v1/me/logins/${phone.id}`)).method).toBe("DELETE");
  fireEvent.click(screen.getByTestId("logins-end-others"));
  await called("/v1/me/logins?keep=current");
  fireEvent.click(screen.getByTestId("logins-end-all"));
  expect(calls.some(({ method, path }) => method === "DELETE" && path === "/v1/me/logins")).toBe(false);
  fireEvent.click(screen.getByTestId("confirm-action"));
  await called("/v1/auth/logout");
  expect(auth.state.get().kind).toBe("signed_out");
});
