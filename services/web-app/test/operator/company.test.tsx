import type { PlatformCompany } from "@syszap/contracts";
import { fireEvent, screen } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { expect, test } from "vitest";
import { CompanyPage } from "../../src/operator/pages/company-page.tsx";
import { at } from "../support/builders.ts";
import { aCompany, asOperator, problem } from "../support/operator.ts";
import { preparePage } from "../support/page.tsx";

const { show, called, calls, answerWith } = preparePage();
const pathOf = ({ id }: PlatformCompany) => `/v1/operator/companies/${id}`;

/** Reads `state.company` on each request; `answer` answers the actions. */
function showCompany(state: { company: PlatformCompany }, answer: Parameters<typeof answerWith>[0] = () => ({})) {
  const path = pathOf(state.company);
  answerWith(
    asOperator((call) => (call.method === "GET" && call.path === path ? { body: state.company } : answer(call))),
  );
  showPage(state.company.id);
}

const showPage = (id: string) =>
  show(
    <Routes>
      <Route path="/companies/:id" element={<CompanyPage />} />
    </Routes>,
    `/companies/${id}`,
  );

const hasState = async (text: string) =>
  expect.poll(() => screen.queryByTestId("company-state")?.textContent, { timeout: 60_000 }).toBe(text);

test("suspends a company after a confirmation, and reopens it", async () => {
  const active = aCompany();
  const state = { company: active };
  showCompany(state, ({ path }) => {
    const isSuspended = path.endsWith("/suspend");
    state.company = { ...active, state: isSuspended ? "suspended" : "active", suspendedAt: isSuspended ? at(1) : null };
    return { body: state.company };
  });
  fireEvent.click(await screen.findByTestId("company-suspend"));
  expect(screen.getByTestId("confirm").textContent).toContain("Todos saem agora, os números param");
  expect(calls.some(({ method, path }) => method === "POST" && path.endsWith("/suspend"))).toBe(false);
  fireEvent.click(screen.getByTestId("confirm-action"));
  await hasState("Suspensa");
  expect(screen.queryByTestId("company-suspend")).toBeNull();
  expect(screen.queryByTestId("company-invite")).toBeNull();
  fireEvent.click(screen.getByTestId("company-reopen"));
  await hasState("Ativa");
  expect((await called(`${pathOf(active)}/reopen`)).method).toBe("POST");
});

test("schedules a deletion only with the company's name, and cancels it during the grace period", async () => {
  const active = aCompany({ name: "Padaria São João" });
  const state = { company: active };
  showCompany(state, ({ method }) => {
    state.company =
      method === "POST"
        ? { ...active, state: "deletion_scheduled", suspendedAt: at(1), deletionDueAt: at(9) }
        : { ...active, state: "suspended", suspendedAt: at(1) };
    return { body: state.company };
  });
  fireEvent.click(await screen.findByTestId("company-delete"));
  expect(screen.getByText(/Em sete dias todas as conversas/)).toBeDefined();
  const save = screen.getByTestId("delete-company-save") as HTMLButtonElement;
  for (const typed of ["", "Padaria", "padaria são joão"]) {
    fireEvent.change(screen.getByTestId("delete-company-name"), { target: { value: typed } });
    expect({ typed, isDisabled: save.disabled }).toEqual({ typed, isDisabled: true });
  }
  fireEvent.change(screen.getByTestId("delete-company-name"), { target: { value: "Padaria São João" } });
  fireEvent.click(save);
  await hasState("Exclusão agendada");
  expect((await called(`${pathOf(active)}/deletion`)).body).toEqual({ name: "Padaria São João" });
  expect(screen.getByText(/Os dados serão excluídos a partir de/)).toBeDefined();
  expect(screen.queryByTestId("company-delete")).toBeNull();

  fireEvent.click(screen.getByTestId("company-keep"));
  await hasState("Suspensa");
  expect(calls.some(({ method, path }) => method === "DELETE" && path === `${pathOf(active)}/deletion`)).toBe(true);
});

test("shows the progress of a deletion until the company is gone, without actions", async () => {
  const deleting = { step: "messages", done: 3, total: 12, removed: 1_234 };
  const company = aCompany({ state: "deleting", suspendedAt: at(0), deletionDueAt: at(0), deleting });
  const state = { company };
  let isGone = false;
  answerWith(asOperator(() => (isGone ? problem("not_found") : { body: state.company })));
  showPage(company.id);
  const progress = await screen.findByTestId("deletion-progress");
  expect(progress.textContent).toContain("Etapa 3 de 12 (conversas e outros dados)");
  expect(screen.queryByRole("button")).toBeNull();
  state.company = { ...company, deleting: { ...deleting, step: "files", done: 4 } };
  await expect
    .poll(() => screen.getByTestId("deletion-progress").textContent, { timeout: 60_000 })
    .toContain("Etapa 4 de 12 (arquivos)");
  isGone = true;
  expect(await screen.findByText(/todos os seus dados foram excluídos/)).toBeDefined();
});

test("invites another owner and shows the link once", async () => {
  const company = aCompany();
  const link = "https://inbox.example/invitation#segredo";
  showCompany({ company }, () => ({ status: 201, body: { email: "rui@nova.example", expiresAt: at(9), link } }));
  fireEvent.click(await screen.findByTestId("company-invite"));
  fireEvent.change(screen.getByTestId("invite-owner-name"), { target: { value: "Rui" } });
  fireEvent.change(screen.getByTestId("invite-owner-email"), { target: { value: "rui@nova.example" } });
  fireEvent.click(screen.getByTestId("invite-owner-save"));
  expect((await screen.findByTestId("invitation-value")).textContent).toBe(link);
  fireEvent.click(screen.getByTestId("invitation-kept"));
  expect(screen.queryByText(/#segredo/)).toBeNull();
});

test("renames a company", async () => {
  const state = { company: aCompany() };
  showCompany(state, ({ body }) => {
    state.company = { ...state.company, ...(body as { name: string }) };
    return { body: state.company };
  });
  fireEvent.click(await screen.findByTestId("company-rename"));
  fireEvent.change(screen.getByTestId("rename-company-name"), { target: { value: " Padaria Nova " } });
  fireEvent.click(screen.getByTestId("rename-company-save"));
  expect(await screen.findByRole("heading", { name: "Padaria Nova" })).toBeDefined();
});

test("explains an action that was refused, and keeps the company as it is", async () => {
  showCompany({ company: aCompany({ state: "suspended", suspendedAt: at(0) }) }, () => problem("unavailable"));
  fireEvent.click(await screen.findByTestId("company-reopen"));
  expect(await screen.findByRole("alert")).toBeDefined();
  await hasState("Suspensa");
});

test("says that a company does not exist", async () => {
  answerWith(asOperator(() => problem("not_found")));
  showPage(aCompany().id);
  expect(await screen.findByRole("heading", { name: "Empresa não encontrada" })).toBeDefined();
  expect(screen.getByRole("link", { name: "Todas as empresas" })).toBeDefined();
});
