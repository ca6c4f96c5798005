import type { Session, Team, UserEntry } from "@syszap/contracts";
import { problemTypes } from "@syszap/contracts/constants";
import { fireEvent, screen, within } from "@testing-library/react";
import { Toaster } from "sonner";
import { expect, test } from "vitest";
import { TeamsPage } from "../../src/pages/teams-page.tsx";
import { newId } from "../support/builders.ts";
import { aSession, preparePage } from "../support/page.tsx";
import { anAccount, aPerson, aTeam } from "../support/people.ts";

const { show, called, calls, answerWith } = preparePage();
const conflict = { status: 409, body: problemTypes.conflict };

interface Data {
  teams?: Team[];
  people?: UserEntry[];
  sessions?: Session[];
}
function showTeams({ teams = [], people = [], sessions = [] }: Data, answer?: Parameters<typeof answerWith>[0]) {
  answerWith((call) => {
    if (call.method !== "GET") return answer?.(call);
    if (call.path === "/v1/teams") return { body: { items: teams } };
    if (call.path === "/v1/sessions") return { body: { items: sessions } };
    if (call.path === "/v1/company") return { body: { id: newId(), name: "Padaria Bom Dia", agentsSee: "team" } };
    return { body: { items: people, next: null } };
  });
  show(
    <>
      <TeamsPage />
      <Toaster />
    </>,
  );
}
const chosen = async (id: string) => (await screen.findByTestId<HTMLInputElement>(id)).checked;

test("without teams, the page says what teams are for and that everybody sees everything", async () => {
  showTeams({});
  expect(await screen.findByText("Nenhuma equipe")).toBeDefined();
  expect(await screen.findByText(/Até criar uma, todos veem todas as conversas/)).toBeDefined();
});

test("creates a team, and explains a name that is taken", async () => {
  showTeams({}, () => conflict);
  fireEvent.click(await screen.findByTestId("team-new"));
  fireEvent.change(screen.getByTestId("team-name"), { target: { value: " Vendas " } });
  fireEvent.click(screen.getByTestId("team-save"));
  expect((await screen.findByRole("alert")).textContent).toBe("Já existe uma equipe com este nome.");
  expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ name: "Vendas" });
});

test("a team shows its members and sessions; members are chosen by name", async () => {
  const [bia, caio, ida] = [
    aPerson(),
    aPerson({ name: "Caio" }),
    aPerson({ name: "Ida", account: anAccount({ state: "disabled" }) }),
  ];
  const session = aSession({ name: "Loja 1" });
  const team = aTeam({ memberIds: [bia.id], sessionIds: [session.id] });
  showTeams({ teams: [team], people: [bia, caio, ida], sessions: [session] }, () => ({ body: team }));
  const card = within(await screen.findByTestId("team"));
  expect(await card.findByText("Bia")).toBeDefined();
  expect(await card.findByText("Loja 1")).toBeDefined();
  fireEvent.click(card.getByTestId("team-members"));
  expect(screen.queryByTestId(`member-${ida.id}`)).toBeNull();
  fireEvent.click(screen.getByTestId(`member-${caio.id}`));
  fireEvent.click(screen.getByTestId("team-members-save"));
  expect((await called(`/v1/teams/${team.id}/members`)).body).toEqual({ add: [caio.id], remove: [] });
});

test("a session that the team starts to serve keeps its other teams, and the form says who serves it", async () => {
  const session = aSession({ name: "Loja 1" });
  const sales = aTeam({ sessionIds: [session.id] });
  const support = aTeam({ name: "Suporte" });
  showTeams({ teams: [sales, support], sessions: [session] }, () => ({
    body: { sessionId: session.id, teamIds: [] },
  }));
  const cards = await screen.findAllByTestId("team");
  const card = cards.find(({ textContent }) => textContent?.includes("Suporte"));
  if (!card) throw new Error("The team is not listed");
  fireEvent.click(within(card).getByTestId("team-sessions"));
  expect(await screen.findByText("Atendido por: Vendas")).toBeDefined();
  fireEvent.click(screen.getByTestId(`session-${session.id}`));
  expect(screen.getByText("Atendido por: Vendas, Suporte")).toBeDefined();
  fireEvent.click(screen.getByTestId("team-sessions-save"));
  expect((await called(`/v1/sessions/${session.id}/teams`)).body).toEqual({ add: [support.id] });
});

test("a session is opened to everyone only if the page said so; otherwise the person checks and saves again", async () => {
  const session = aSession({ name: "Loja 1" });
  const sales = aTeam({ sessionIds: [session.id] });
  const support = aTeam({ name: "Suporte", sessionIds: [session.id] });
  const teams = [sales, support];
  const isOpened = (body: unknown) => (body as { mayServeAll: boolean }).mayServeAll;
  showTeams({ teams, sessions: [session] }, ({ body }) => {
    support.sessionIds = []; // a colleague was faster
    return isOpened(body) ? { body: { sessionId: session.id, teamIds: [] } } : conflict;
  });
  const [card] = await screen.findAllByTestId("team");
  if (!card) throw new Error("The team is not listed");
  fireEvent.click(within(card).getByTestId("team-sessions"));
  fireEvent.click(await screen.findByTestId(`session-${session.id}`));
  expect(screen.getByText("Atendido por: Suporte")).toBeDefined();
  fireEvent.click(screen.getByTestId("team-sessions-save"));
  expect((await screen.findByRole("alert")).textContent).toContain("Confira quem atende");
  expect(await screen.findByText("Atendido por todos")).toBeDefined();
  fireEvent.click(screen.getByTestId("team-sessions-save"));
  await expect.poll(() => screen.queryByTestId("team-sessions-form")).toBeNull();
  const sent = calls.filter(({ method }) => method === "PATCH").map(({ body }) => body);
  expect(sent).toEqual([
    { remove: [sales.id], mayServeAll: false },
    { remove: [sales.id], mayServeAll: true },
  ]);
});

test("deletes a team only after a confirmation, and explains why it may be refused", async () => {
  const team = aTeam();
  showTeams({ teams: [team] }, () => conflict);
  fireEvent.click(await screen.findByTestId("team-remove"));
  expect(calls.some(({ method }) => method === "DELETE")).toBe(false);
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect(await screen.findByText(/é a única que atende um número/)).toBeDefined();
});

test("what agents see is saved with one click", async () => {
  showTeams({ teams: [aTeam()] }, () => ({ body: { id: newId(), name: "Padaria Bom Dia", agentsSee: "own" } }));
  await expect.poll(() => chosen("reach-team")).toBe(true);
  fireEvent.click(screen.getByTestId("reach-own"));
  expect(await screen.findByText("Salvo. Já está valendo.")).toBeDefined();
  expect(await chosen("reach-own")).toBe(true);
  expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({ agentsSee: "own" });
});
