import type { OperatorAccount } from "@syszap/contracts";
import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { HealthPage } from "../../src/operator/pages/health-page.tsx";
import { OperatorsPage } from "../../src/operator/pages/operators-page.tsx";
import { at } from "../support/builders.ts";
import { aHealth, anOperator, asOperator, problem } from "../support/operator.ts";
import { preparePage } from "../support/page.tsx";

const { show, called, answerWith } = preparePage();
const path = "/v1/operator/operators";

function showOperators(accounts: OperatorAccount[], answer: Parameters<typeof answerWith>[0] = () => undefined) {
  answerWith(
    asOperator((call) => (call.method === "GET" && call.path === path ? { body: { items: accounts } } : answer(call))),
  );
  show(<OperatorsPage ownId={accounts[0]?.id ?? ""} />);
}

const cardOf = async (name: string) => {
  const card = (await screen.findAllByTestId("operator")).find(({ textContent }) => textContent?.includes(name));
  if (!card) throw new Error(`No card of ${name}`);
  return within(card);
};

test("lists operators with their state; nobody disables oneself", async () => {
  showOperators([
    anOperator({ name: "Eu" }),
    anOperator({ name: "Nova", hasOneTimePassword: true }),
    anOperator({ name: "Antigo", isDisabled: true }),
  ]);
  expect((await cardOf("Eu")).getByText("(você)")).toBeDefined();
  expect((await cardOf("Eu")).queryByRole("button")).toBeNull();
  expect((await cardOf("Nova")).getByText("Ainda não escolheu a senha")).toBeDefined();
  expect((await cardOf("Antigo")).getByText("Desativado")).toBeDefined();
  expect((await cardOf("Antigo")).getByTestId("operator-enable")).toBeDefined();
});

test("creates an operator and shows the one-time password once", async () => {
  const created = anOperator({ name: "Nova", hasOneTimePassword: true });
  showOperators([anOperator()], () => ({
    status: 201,
    body: { operator: created, oneTimePassword: "provisoria-1234", expiresAt: at(9) },
  }));
  fireEvent.click(await screen.findByTestId("operator-new"));
  fireEvent.change(screen.getByTestId("create-operator-name"), { target: { value: "Nova" } });
  fireEvent.change(screen.getByTestId("create-operator-email"), { target: { value: "nova@plataforma.example" } });
  fireEvent.click(screen.getByTestId("create-operator-save"));
  expect((await screen.findByTestId("one-time-password-value")).textContent).toBe("provisoria-1234");
  fireEvent.click(screen.getByTestId("one-time-password-kept"));
  expect(screen.queryByText("provisoria-1234")).toBeNull();
});

test("explains an address that is taken, and that the last operator stays", async () => {
  const other = anOperator({ name: "Outra" });
  showOperators([anOperator({ name: "Eu" }), other], () => problem("conflict"));
  fireEvent.click(await screen.findByTestId("operator-new"));
  fireEvent.change(screen.getByTestId("create-operator-name"), { target: { value: "Nova" } });
  fireEvent.change(screen.getByTestId("create-operator-email"), { target: { value: "otto@plataforma.example" } });
  fireEvent.click(screen.getByTestId("create-operator-save"));
  expect(await screen.findByText("Já existe um operador com este e-mail.")).toBeDefined();

  fireEvent.click((await cardOf("Outra")).getByTestId("operator-disable"));
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect(await screen.findByText(/O último operador ativo não pode ser desativado/)).toBeDefined();
  expect((await called(`${path}/${other.id}/disable`)).method).toBe("POST");
});

test("removes the second factor of an operator who has one, after a confirmation", async () => {
  const [own, other] = [
    anOperator({ name: "Eu", hasSecondFactor: true }),
    anOperator({ name: "Outra", hasSecondFactor: true }),
  ];
  showOperators([own, other, anOperator({ name: "Zeca" })], () => ({ status: 200 }));
  expect((await cardOf("Eu")).queryByTestId("operator-reset-factor")).toBeNull();
  expect((await cardOf("Zeca")).queryByTestId("operator-reset-factor")).toBeNull();
  fireEvent.click((await cardOf("Outra")).getByTestId("operator-reset-factor"));
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect((await called(`${path}/${other.id}/second-factor`)).method).toBe("DELETE");
});

test("resets a password after a confirmation and shows it once", async () => {
  const other = anOperator({ name: "Outra" });
  showOperators([anOperator({ name: "Eu" }), other], () => ({
    body: { operator: other, oneTimePassword: "provisoria-5678", expiresAt: at(9) },
  }));
  fireEvent.click((await cardOf("Outra")).getByTestId("operator-reset"));
  expect(screen.queryByTestId("one-time-password-value")).toBeNull();
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect((await screen.findByTestId("one-time-password-value")).textContent).toBe("provisoria-5678");
});

test("offers to try again when operators cannot be read", async () => {
  answerWith(asOperator(() => problem("forbidden")));
  show(<OperatorsPage ownId="" />);
  expect((await screen.findByRole("alert")).textContent).toContain("Tentar de novo");
});

test("shows the platform's health, and marks what is wrong", async () => {
  const services = { postgres: true, redis: false, gateways: 0, connectors: 1, workers: 3 };
  answerWith(asOperator(() => ({ body: aHealth({ services, deadLetters: 2 }) })));
  show(<HealthPage />);
  const shownAt = (name: string) => screen.getByText(name).nextElementSibling;
  await screen.findByText("Postgres");
  expect(shownAt("Postgres")?.textContent).toBe("responde");
  expect(shownAt("Redis")?.textContent).toBe("não responde");
  expect(shownAt("Páginas abertas")?.textContent).toBe("41");
  for (const name of ["Redis", "Gateways", "Falhas a resolver"]) expect(shownAt(name)?.className).toContain("danger");
  for (const name of ["Postgres", "Processadores da fila"]) expect(shownAt(name)?.className).not.toContain("danger");
});

test("offers to try again when the health cannot be read, and explains why the dashboard did not open", async () => {
  let isAway = true;
  answerWith(asOperator(({ method }) => (method === "GET" && !isAway ? { body: aHealth() } : problem("forbidden"))));
  show(<HealthPage />);
  const failure = await screen.findByRole("alert");
  isAway = false;
  fireEvent.click(within(failure).getByRole("button"));
  await screen.findByText("Postgres");
  fireEvent.click(screen.getByTestId("open-queues"));
  expect(await screen.findByRole("alert")).toBeDefined();
});
