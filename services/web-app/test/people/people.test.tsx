import type { Team, UserEntry } from "@syszap/contracts";
import { problemTypes } from "@syszap/contracts/constants";
import { fireEvent, screen, within } from "@testing-library/react";
import { Toaster } from "sonner";
import { expect, test } from "vitest";
import { MeContext } from "../../src/page/me.ts";
import { PeoplePage } from "../../src/pages/people-page.tsx";
import { at } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";
import { anAccount, aPerson, aTeam } from "../support/people.ts";

const { show, called, calls, answerWith, me } = preparePage();
const owner = aPerson({ id: me.userId, name: me.name, account: anAccount({ email: me.email, role: "owner" }) });

/** Answers the lists, and all other requests with `answer`. */
function showPeople(
  people: UserEntry[],
  { teams = [], answer }: { teams?: Team[]; answer?: Parameters<typeof answerWith>[0] } = {},
  as = me,
) {
  answerWith((call) => {
    if (call.method === "GET" && call.path.startsWith("/v1/users?")) return { body: { items: people, next: null } };
    if (call.method === "GET" && call.path === "/v1/teams") return { body: { items: teams } };
    return answer?.(call);
  });
  show(
    <MeContext value={as}>
      <PeoplePage />
      <Toaster />
    </MeContext>,
  );
}

const rowOf = async (name: string) => {
  const row = (await screen.findAllByTestId("person")).find(({ textContent }) => textContent?.includes(name));
  if (!row) throw new Error(`No row of ${name}`);
  return within(row);
};
const openMenu = async (name: string) =>
  fireEvent.click((await rowOf(name)).getByRole("button", { name: `Ações para ${name}` }));
const problem = (name: keyof typeof problemTypes) => ({ status: problemTypes[name].status, body: problemTypes[name] });
const aLink = (link: string | null) => ({ mail: link === null ? "queued" : "off", link, expiresAt: at(9) });

test("lists role, state, teams and last visit, and says what to do when nobody else is there", async () => {
  const bia = aPerson();
  showPeople([owner, bia], { teams: [aTeam({ memberIds: [bia.id] })] });
  const row = await rowOf("Bia");
  expect(row.getByTestId("person-role").textContent).toBe("Atendente");
  expect(row.getByTestId("person-state").textContent).toBe("Ativo");
  expect(await row.findByText("Vendas")).toBeDefined();
  expect(row.getByText(/Visto em/)).toBeDefined();
  expect(screen.queryByText("Só você por aqui")).toBeNull();
});

test("an owner who is alone is asked to invite people", async () => {
  showPeople([owner]);
  expect(await screen.findByText("Só você por aqui")).toBeDefined();
});

test("invites a person into a team, and shows the link once if the platform sends no e-mail", async () => {
  const team = aTeam({ memberIds: [owner.id] });
  const bia = aPerson({ account: anAccount({ state: "invited" }) });
  showPeople([owner], {
    teams: [team],
    answer: ({ method }) =>
      method === "POST"
        ? { status: 201, body: { user: bia, invitation: aLink("https://inbox.example/invitation#segredo") } }
        : { body: team },
  });
  fireEvent.click(await screen.findByTestId("person-invite"));
  fireEvent.change(screen.getByTestId("invite-email"), { target: { value: " bia@bomdia.example " } });
  fireEvent.change(screen.getByTestId("invite-name"), { target: { value: "Bia" } });
  fireEvent.click(await screen.findByTestId(`person-team-${team.id}`));
  fireEvent.click(screen.getByTestId("invite-save"));
  expect((await screen.findByTestId("person-link-value")).textContent).toBe("https://inbox.example/invitation#segredo");
  expect((await called("/v1/users")).body).toEqual({
    email: "bia@bomdia.example",
    name: "Bia",
    role: "agent",
    language: "pt-BR",
  });
  expect((await called(`/v1/teams/${team.id}/members`)).body).toEqual({ add: [bia.id] });
  fireEvent.click(screen.getByTestId("person-link-kept"));
  expect(screen.queryByTestId("person-link-value")).toBeNull();
});

test("a sent invitation is confirmed with the address", async () => {
  showPeople([owner], { answer: () => ({ status: 201, body: { user: aPerson(), invitation: aLink(null) } }) });
  fireEvent.click(await screen.findByTestId("person-invite"));
  fireEvent.change(screen.getByTestId("invite-email"), { target: { value: "bia@bomdia.example" } });
  fireEvent.change(screen.getByTestId("invite-name"), { target: { value: "Bia" } });
  fireEvent.click(screen.getByTestId("invite-save"));
  expect(await screen.findByText("E-mail enviado para bia@bomdia.example")).toBeDefined();
});

test.for([
  ["address_unavailable", "Este e-mail não pode ser convidado"],
  ["conflict", "Uma empresa pode ter até 2000 pessoas"],
  ["too_many", "Tentativas demais"],
  ["forbidden", "Só um proprietário pode mudar outro proprietário"],
] as const)("explains why an invitation is refused: %s", async ([name, text]) => {
  showPeople([owner], { answer: () => problem(name) });
  fireEvent.click(await screen.findByTestId("person-invite"));
  fireEvent.change(screen.getByTestId("invite-email"), { target: { value: "bia@bomdia.example" } });
  fireEvent.change(screen.getByTestId("invite-name"), { target: { value: "Bia" } });
  fireEvent.click(screen.getByTestId("invite-save"));
  expect((await screen.findByRole("alert")).textContent).toContain(text);
});

test("disables a person only after a confirmation, and enables again without one", async () => {
  const bia = aPerson();
  const caio = aPerson({ name: "Caio", account: anAccount({ state: "disabled" }) });
  showPeople([owner, bia, caio], { answer: () => ({ body: bia }) });
  await openMenu("Bia");
  fireEvent.click(screen.getByTestId("person-disable"));
  expect(calls.some(({ method }) => method === "PATCH")).toBe(false);
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect((await called(`/v1/users/${bia.id}`)).body).toEqual({ disabled: true });
  await openMenu("Caio");
  fireEvent.click(screen.getByTestId("person-enable"));
  expect((await called(`/v1/users/${caio.id}`)).body).toEqual({ disabled: false });
});

test("changes the role and only the teams that differ", async () => {
  const bia = aPerson();
  const [left, joined, kept] = ["Vendas", "Suporte", "Noite"].map((name) => aTeam({ name }));
  if (!left || !joined || !kept) throw new Error("teams are missing");
  left.memberIds = [bia.id];
  kept.memberIds = [bia.id];
  showPeople([owner, bia], { teams: [left, joined, kept], answer: () => ({ body: bia }) });
  await (await rowOf("Bia")).findByText("Noite");
  await openMenu("Bia");
  fireEvent.click(screen.getByTestId("person-edit"));
  fireEvent.click(screen.getByTestId("role-admin"));
  fireEvent.click(screen.getByTestId(`person-team-${left.id}`));
  fireEvent.click(screen.getByTestId(`person-team-${joined.id}`));
  fireEvent.click(screen.getByTestId("person-save"));
  expect((await called(`/v1/users/${bia.id}`)).body).toEqual({ role: "admin" });
  expect((await called(`/v1/teams/${left.id}/members`)).body).toEqual({ remove: [bia.id] });
  expect((await called(`/v1/teams/${joined.id}/members`)).body).toEqual({ add: [bia.id] });
  expect(calls.some(({ path }) => path.includes(kept.id))).toBe(false);
});

test("the last owner cannot lose the role", async () => {
  showPeople([owner], { answer: () => problem("last_owner") });
  await openMenu(me.name);
  fireEvent.click(screen.getByTestId("person-edit"));
  fireEvent.click(screen.getByTestId("role-agent"));
  expect(screen.getByText(/mudando o seu próprio papel/)).toBeDefined();
  fireEvent.click(screen.getByTestId("person-save"));
  expect(await screen.findByText(/pelo menos um proprietário ativo/)).toBeDefined();
});

test("an admin sees no actions on an owner and cannot choose the owner's role", async () => {
  const admin = { ...me, userId: aPerson().id, role: "admin" as const };
  showPeople([owner, aPerson()], {}, admin);
  const row = await rowOf(me.name);
  expect(row.queryByRole("button")).toBeNull();
  await openMenu("Bia");
  fireEvent.click(screen.getByTestId("person-edit"));
  expect(screen.queryByTestId("role-owner")).toBeNull();
  expect(screen.getByTestId("role-admin")).toBeDefined();
});

test("resends and cancels an invitation", async () => {
  const invitation = { mail: "failed" as const, expiresAt: at(9) };
  const bia = aPerson({ account: anAccount({ state: "invited", lastSeenAt: null, invitation }) });
  showPeople([owner, bia], {
    answer: ({ method }) =>
      method === "POST" ? { body: aLink("https://inbox.example/invitation#novo") } : { body: {} },
  });
  expect((await rowOf("Bia")).getByText("O e-mail não foi entregue. Reenvie o convite.")).toBeDefined();
  await openMenu("Bia");
  expect(screen.queryByTestId("person-reset")).toBeNull();
  fireEvent.click(screen.getByTestId("person-resend"));
  expect((await screen.findByTestId("person-link-value")).textContent).toContain("#novo");
  fireEvent.click(screen.getByTestId("person-link-kept"));
  await openMenu("Bia");
  fireEvent.click(screen.getByTestId("person-revoke"));
  fireEvent.click(screen.getByTestId("confirm-action"));
  await expect
    .poll(() => calls.at(-1)?.method === "DELETE" || calls.some(({ method }) => method === "DELETE"))
    .toBe(true);
});

test("removes the second factor of a colleague who has one, after a confirmation", async () => {
  const [bia, caio] = [aPerson({ account: anAccount({ hasSecondFactor: true }) }), aPerson({ name: "Caio" })];
  showPeople([owner, bia, caio], { answer: ({ method }) => (method === "DELETE" ? {} : undefined) });
  await openMenu("Caio");
  expect(screen.queryByTestId("person-reset-factor")).toBeNull();
  await openMenu("Bia");
  fireEvent.click(screen.getByTestId("person-reset-factor"));
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect((await called(`/v1/users/${bia.id}/second-factor`)).method).toBe("DELETE");
});

test("creates a link to reset a password after a confirmation", async () => {
  const bia = aPerson();
  showPeople([owner, bia], { answer: () => ({ body: aLink("https://inbox.example/password-reset#senha") }) });
  await openMenu("Bia");
  fireEvent.click(screen.getByTestId("person-reset"));
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect((await screen.findByTestId("person-link-value")).textContent).toContain("#senha");
  expect((await called(`/v1/users/${bia.id}/reset`)).method).toBe("POST");
});
