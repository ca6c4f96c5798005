import type { PlatformCompany } from "@syszap/contracts";
import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { CompaniesPage } from "../../src/operator/pages/companies-page.tsx";
import { at } from "../support/builders.ts";
import { aCompany, asOperator, problem } from "../support/operator.ts";
import { preparePage } from "../support/page.tsx";

const { show, calls, answerWith } = preparePage();
const listPath = "/v1/operator/companies";
const isList = (call: { method: string; path: string }) =>
  call.method === "GET" && call.path.split("?")[0] === listPath;

/** Answers the list, and all other requests with `answer`. */
function showCompanies(companies: PlatformCompany[], answer: Parameters<typeof answerWith>[0] = () => undefined) {
  answerWith(asOperator((call) => (isList(call) ? { body: { items: companies, next: null } } : answer(call))));
  show(<CompaniesPage />);
}

function fillIn(values: Record<string, string>) {
  for (const [testId, value] of Object.entries(values))
    fireEvent.change(screen.getByTestId(testId), { target: { value } });
}

async function create() {
  fireEvent.click(await screen.findByTestId("company-new"));
  const save = screen.getByTestId("create-company-save") as HTMLButtonElement;
  fillIn({ "create-company-name": " Nova ", "create-company-owner": "Dona Rita" });
  expect(save.disabled).toBe(true);
  fillIn({ "create-company-email": "rita@nova.example" });
  fireEvent.click(save);
}

test("lists companies with their state and counts", async () => {
  showCompanies([
    aCompany(),
    aCompany({ name: "Loja 2", state: "suspended", users: 1, sessions: 1 }),
    aCompany({ name: "Loja 3", state: "deletion_scheduled", sessions: 0, connectedSessions: 0 }),
    aCompany({ name: "Loja 4", state: "deleting" }),
  ]);
  const rows = await screen.findAllByTestId("company");
  expect(rows.map((row) => within(row).getByTestId("company-state").textContent)).toEqual([
    "Ativa",
    "Suspensa",
    "Exclusão agendada",
    "Excluindo",
  ]);
  expect(rows[0]?.textContent).toContain("3 pessoas · 1 de 2 números conectados · sem atividade ainda");
  expect(rows[1]?.textContent).toContain("1 pessoa · 1 de 1 número conectado");
  expect(rows[2]?.textContent).toContain("3 pessoas · nenhum número ·");
});

test("says what to do when there is no company yet, and when a search finds none", async () => {
  showCompanies([]);
  expect(await screen.findByText("Nenhuma empresa ainda")).toBeDefined();
  expect(screen.getByText(/Crie a primeira empresa/)).toBeDefined();
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "pão & cia" } });
  expect(await screen.findByText("Nenhuma empresa com este nome")).toBeDefined();
  expect(calls.map(({ path }) => path)).toContain(`${listPath}?search=p%C3%A3o+%26+cia`);
});

test("offers to try again when the list cannot be read", async () => {
  let isAway = true;
  answerWith(
    asOperator((call) => {
      if (!isList(call)) return undefined;
      return isAway ? problem("forbidden") : { body: { items: [aCompany()], next: null } };
    }),
  );
  show(<CompaniesPage />);
  const failure = await screen.findByRole("alert");
  isAway = false;
  fireEvent.click(within(failure).getByRole("button"));
  expect(await screen.findByTestId("company")).toBeDefined();
});

test("creates a company and shows the link of its owner once", async () => {
  const link = "https://inbox.example/invitation#segredo";
  showCompanies([], () => ({
    status: 201,
    body: { company: aCompany(), invitation: { email: "rita@nova.example", expiresAt: at(9), link } },
  }));
  await create();
  expect((await screen.findByTestId("invitation-value")).textContent).toBe(link);
  expect(screen.getByRole("note").textContent).toContain("Envie este link para rita@nova.example");
  const request = calls.find(({ method, path }) => method === "POST" && path === listPath);
  expect(request?.body).toEqual({
    name: "Nova",
    owner: { name: "Dona Rita", email: "rita@nova.example", language: "pt-BR" },
  });
  fireEvent.click(screen.getByTestId("invitation-kept"));
  expect(screen.queryByText(/#segredo/)).toBeNull();
  expect(screen.queryByTestId("create-company")).toBeNull();
});

test("says that the owner receives an e-mail when the platform sends it", async () => {
  const invitation = { email: "rita@nova.example", expiresAt: at(9), link: null };
  showCompanies([], () => ({ status: 201, body: { company: aCompany(), invitation } }));
  await create();
  expect(await screen.findByText(/rita@nova.example receberá o convite por e-mail/)).toBeDefined();
  expect(screen.queryByTestId("invitation-value")).toBeNull();
});

test.for([
  ["address_unavailable", "Este e-mail não pode ser convidado"],
  ["too_many", "Tentativas demais"],
] as const)("keeps the form open and explains why no company was created: %s", async ([name, text]) => {
  showCompanies([], () => problem(name));
  await create();
  expect((await screen.findByRole("alert")).textContent).toContain(text);
  expect((screen.getByTestId("create-company-name") as HTMLInputElement).value).toBe(" Nova ");
});
