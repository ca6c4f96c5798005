import type { AuditEntry } from "@syszap/contracts";
import { auditActions } from "@syszap/contracts/constants";
import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { AuditPage } from "../../src/pages/audit-page.tsx";
import { newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";
import { aPerson } from "../support/people.ts";

const { show, calls, answerWith } = preparePage();
const bia = aPerson();

const anEntry = (overrides: Partial<AuditEntry> = {}): AuditEntry => ({
  id: newId(),
  occurredAt: "2026-01-01T12:00:00.000Z",
  action: "user_role_changed",
  actor: { kind: "user", id: newId(), name: "Ana", loginId: null, address: "203.0.113.7" },
  target: { kind: "user", id: bia.id, name: "Bia" },
  before: { role: "agent" },
  after: { role: "admin" },
  ...overrides,
});

function showAudit(entries: AuditEntry[], next: string | null = null) {
  answerWith(({ path }) => {
    if (path.startsWith("/v1/audit.csv")) return { body: "a;b" };
    if (path.startsWith("/v1/audit?") && path.includes("before=")) return { body: { items: [anEntry()], next: null } };
    if (path.startsWith("/v1/audit?")) return { body: { items: entries, next } };
    return { body: { items: [bia], next: null } };
  });
  show(<AuditPage />);
}
/** The query of the newest request for entries. */
const lastQuery = () => {
  const path = calls.findLast((call) => call.path.startsWith("/v1/audit?"))?.path ?? "";
  return Object.fromEntries(new URLSearchParams(path.split("?")[1]));
};

test("tells in words who did what, what changed and from where", async () => {
  showAudit([anEntry()]);
  const entry = await screen.findByTestId("audit-entry");
  expect(entry.textContent).toContain("Ana mudou o papel de Bia");
  expect(entry.textContent).toContain("Papel: Atendente → Administrador");
  expect(entry.textContent).toContain("203.0.113.7");
});

test("every action has a sentence with all names filled in", async () => {
  const settings = { before: null, after: { name: "Loja" } };
  const target = { kind: "session" as const, id: newId(), name: null };
  showAudit(auditActions.map((action) => anEntry({ action, target, ...settings })));
  const entries = await screen.findAllByTestId("audit-entry");
  expect(entries).toHaveLength(auditActions.length);
  for (const { textContent } of entries) expect(textContent).not.toMatch(/\{\{|audit:|undefined/);
});

test("markup in a name is shown as text, and an unknown setting under its own name", async () => {
  const after = { name: "<b>Loja</b>", strange: { deep: 1 } };
  showAudit([
    anEntry({ action: "team_created", target: { kind: "team", id: newId(), name: null }, before: null, after }),
  ]);
  const entry = await screen.findByTestId("audit-entry");
  expect(entry.textContent).toContain("Ana criou a equipe <b>Loja</b>");
  expect(entry.textContent).toContain('strange: {"deep":1}');
});

test("filters by person, action and whole local days", async () => {
  showAudit([anEntry()]);
  await screen.findByTestId("audit-entry");
  expect(lastQuery()).toEqual({ limit: "50" });
  await screen.findByRole("option", { name: "Bia" });
  fireEvent.change(screen.getByTestId("audit-person"), { target: { value: bia.id } });
  fireEvent.change(screen.getByTestId("audit-action"), { target: { value: "user_disabled" } });
  fireEvent.change(screen.getByTestId("audit-from"), { target: { value: "2026-01-30" } });
  fireEvent.change(screen.getByTestId("audit-to"), { target: { value: "2026-01-31" } });
  await screen.findByTestId("audit-entry");
  expect(lastQuery()).toEqual({
    limit: "50",
    actor: bia.id,
    action: "user_disabled",
    from: new Date(2026, 0, 30).toISOString(),
    to: new Date(2026, 1, 1).toISOString(),
  });
  fireEvent.click(screen.getByTestId("audit-clear"));
  await expect.poll(lastQuery).toEqual({ limit: "50" });
});

test("reads older entries on request", async () => {
  showAudit([anEntry()], "cursor");
  await screen.findByTestId("audit-entry");
  fireEvent.click(await screen.findByRole("button", { name: "Carregar mais" }));
  await expect.poll(() => screen.getAllByTestId("audit-entry").length).toBe(2);
});

test("says what the log is for while it is empty", async () => {
  showAudit([]);
  expect(await screen.findByText("Nenhuma atividade ainda")).toBeDefined();
});

test("downloads the filtered entries as a file", async () => {
  showAudit([anEntry()]);
  await screen.findByTestId("audit-entry");
  fireEvent.change(screen.getByTestId("audit-action"), { target: { value: "user_disabled" } });
  const saved = new Promise<string>((resolve) => {
    document.addEventListener(
      "click",
      (event) => {
        if (event.target instanceof HTMLAnchorElement) resolve(event.target.download);
      },
      { once: false },
    );
    // A link that is not in the document dispatches its click to itself only.
    HTMLAnchorElement.prototype.click = function click() {
      resolve(this.download);
    };
  });
  fireEvent.click(screen.getByTestId("audit-export"));
  expect(await saved).toBe("registro-de-atividades.csv");
  expect(calls.some(({ path }) => path === "/v1/audit.csv?action=user_disabled")).toBe(true);
});
