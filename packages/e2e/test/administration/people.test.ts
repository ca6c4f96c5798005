import { randomUUID } from "node:crypto";
import type { ReceivedMail, SmtpTestServer } from "@syszap/testing/smtp";
import type { Browser } from "playwright-core";
import { expect, inject } from "vitest";
import { z } from "zod";
import { browserTest, Inbox } from "../../src/browser-test.ts";
import { Company, newNumber, postJson, signInOperator } from "../../src/company.ts";

const password = "uma frase que ninguém adivinha";
const newPassword = "outra frase que ninguém adivinha";
const run = randomUUID().slice(0, 8);
const owner = { email: `dona-${run}@padaria.example`, password };

/** Creates a company as an operator, which invites its first owner by e-mail. */
async function createCompany(): Promise<void> {
  const body = { name: `Padaria ${run}`, owner: { email: owner.email, name: "Dona Rita" } };
  await postJson(`${inject("run").url}/v1/operator/companies`, body, await signInOperator());
}

/** Collects the texts of all notices about messages, which disappear after a few seconds. */
const recordNotices = `globalThis.notices = new Set();
new MutationObserver(() => {
  for (const { textContent } of document.querySelectorAll("[data-testid=message-notice]")) notices.add(textContent);
}).observe(document.body, { childList: true, subtree: true })`;
const noticesOf = async ({ page }: Inbox) => String(await page.evaluate("[...globalThis.notices].join()"));

/** Follows the link of an e-mail: its address in the text, or the button of the HTML part as an e-mail program shows it. */
async function follow({ page }: Inbox, mail: ReceivedMail, part: "text" | "html"): Promise<void> {
  if (part === "text") return void (await page.goto(/http\S+/.exec(mail.text)?.[0] ?? ""));
  await page.setContent(mail.html);
  await page.getByRole("link").click();
}

async function newInbox(browser: Browser): Promise<Inbox> {
  const context = await browser.newContext({ locale: "pt-BR", viewport: { width: 1_280, height: 800 } });
  context.setDefaultTimeout(60_000);
  const inbox = new Inbox(await context.newPage(), context);
  await inbox.recordViolations();
  return inbox;
}

/** Accepts an invitation in a new browser profile, which is then signed in. */
async function accept(browser: Browser, mail: ReceivedMail, part: "text" | "html"): Promise<Inbox> {
  const inbox = await newInbox(browser);
  await follow(inbox, mail, part);
  await inbox.byId("accept-password").fill(password);
  expect(inbox.page.url()).not.toContain("#");
  await inbox.byId("accept-submit").click();
  await inbox.isConnected();
  await inbox.page.evaluate(recordNotices);
  return inbox;
}

/** Sets a new password through the e-mail for those who forgot theirs, and signs in with it. */
async function resetPassword(browser: Browser, mailbox: SmtpTestServer, email: string): Promise<Inbox> {
  const inbox = await newInbox(browser);
  await inbox.page.goto(inject("run").url);
  await inbox.byId("forgot-password").click();
  await inbox.byId("forgot-email").fill(email);
  await inbox.byId("forgot-submit").click();
  await follow(inbox, await mailbox.take(email), "html");
  await inbox.byId("reset-password").fill(newPassword);
  expect(inbox.page.url()).not.toContain("#");
  await inbox.byId("reset-submit").click();
  await inbox.byId("reset-done").getByRole("link").click();
  await inbox.byId("login-email").fill(email);
  await inbox.byId("login-password").fill(newPassword);
  await inbox.byId("login-submit").click();
  await inbox.isConnected();
  return inbox;
}

/** Creates a team and invites an agent into it. */
async function invite(page: Inbox, { name, email, team }: { name: string; email: string; team: string }) {
  await page.byId("nav-people").click();
  await page.byId("tab-teams").click();
  await page.byId("team-new").click();
  await page.byId("team-name").fill(team);
  await page.byId("team-save").click();
  await page.byId("team").filter({ hasText: team }).waitFor();
  await page.byId("tab-people").click();
  await page.byId("person-invite").click();
  await page.byId("invite-email").fill(email);
  await page.byId("invite-name").fill(name);
  await page.byId("invite-form").getByLabel(team).check();
  await page.byId("invite-save").click();
  await page.byId("person").filter({ hasText: name }).filter({ hasText: team }).waitFor();
}

/** Lets a team serve a session, on the page of the teams. */
async function serve(page: Inbox, team: string, sessionId: string) {
  await page.byId("team").filter({ hasText: team }).getByTestId("team-sessions").click();
  await page.byId(`session-${sessionId}`).click();
  await page.byId("team-sessions-save").click();
  await page.byId("team-sessions-form").waitFor({ state: "detached" });
}

/** Returns the ids of the chats that the list and the search return to an agent through REST. */
async function readableChats(agent: Company, search: string): Promise<unknown[]> {
  const Chats = z.object({ items: z.array(z.object({ id: z.string() })) });
  const listed = Chats.parse(await agent.request("GET", "/v1/chats"));
  const found = Chats.parse(await agent.request("GET", `/v1/chats?search=${search}`));
  return [...listed.items, ...found.items].map(({ id }) => id);
}

const newAgent = (name: string, team: string) => ({
  name,
  team,
  email: `${name.toLowerCase()}-${run}@padaria.example`,
  customer: newNumber(),
});

const textOf = (customer: string) => `bom dia, aqui é ${customer}`;

browserTest(
  "a new company: agents of two teams see only their chats, a moved chat disappears, a reset password ends the login, and a disabled agent is signed out",
  async ({ browser, mailbox }) => {
    await createCompany();
    const manager = await accept(browser, await mailbox.take(owner.email), "text");
    const agents = { bia: newAgent("Bia", "Vendas"), caio: newAgent("Caio", "Suporte") };
    const { bia, caio } = agents;
    for (const agent of [bia, caio]) await invite(manager, agent);
    const pages = {
      bia: await accept(browser, await mailbox.take(bia.email), "html"),
      caio: await accept(browser, await mailbox.take(caio.email), "text"),
    };
    for (const page of Object.values(pages)) expect(await page.byId("nav-people").count()).toBe(0);

    const company = await Company.signIn(owner);
    const sessions = { bia: await company.linkedSession("Vendas"), caio: await company.linkedSession("Suporte") };
    await manager.page.reload();
    await manager.byId("tab-teams").click();
    await serve(manager, bia.team, sessions.bia.id);
    await serve(manager, caio.team, sessions.caio.id);
    // A change of the teams makes the agents' pages reconnect; a message in that moment shows no notice.
    for (const page of Object.values(pages)) {
      await page.page.reload();
      await page.isConnected();
      await page.page.evaluate(recordNotices);
    }

    /** A customer writes, and the page of the agent shows a notice. Resolves with the id of the chat. */
    const receive = async (agent: typeof bia, page: Inbox, sessionId: string) => {
      const message = { from: agent.customer, name: `Cliente de ${agent.name}`, body: textOf(agent.customer) };
      const isNoticed = page.byId("message-notice").filter({ hasText: message.body }).waitFor();
      const { data } = await company.receive(sessionId, message);
      await isNoticed;
      return String(data.Chat_Id);
    };
    const chats = {
      bia: await receive(bia, pages.bia, sessions.bia.id),
      caio: await receive(caio, pages.caio, sessions.caio.id),
    };
    // Barrier: this message follows those that Bia must not receive.
    await receive({ ...bia, customer: newNumber() }, pages.bia, sessions.bia.id);
    for (const [own, foreign] of [
      ["bia", "caio"],
      ["caio", "bia"],
    ] as const) {
      const page = pages[own];
      await page.chat(chats[own]).waitFor();
      expect(await page.chat(chats[foreign]).count()).toBe(0);
      expect(await noticesOf(page)).not.toContain(agents[foreign].customer);
      await page.page.getByRole("searchbox").first().fill("Cliente");
      await page.chat(chats[own]).waitFor();
      expect(await page.chat(chats[foreign]).count()).toBe(0);
      const agent = await Company.signIn({ email: agents[own].email, password });
      const readable = await readableChats(agent, "Cliente");
      expect(readable).toContain(chats[own]);
      expect(readable).not.toContain(chats[foreign]);
      await expect(agent.request("GET", `/v1/chats/${chats[foreign]}/messages`)).rejects.toThrow("answered 404");
      agent.close();
    }

    await pages.bia.chat(chats.bia).click();
    await pages.bia.message(textOf(bia.customer)).waitFor();
    const movedAt = performance.now();
    await company.request("PATCH", `/v1/sessions/${sessions.bia.id}/teams`, {
      add: await teamsNamed(company, caio.team),
      remove: await teamsNamed(company, bia.team),
    });
    await pages.bia.page.getByText("Esta conversa não está mais visível para você").waitFor();
    process.stdout.write(`a moved chat left the page after ${(performance.now() - movedAt).toFixed(0)} ms\n`);
    expect(await pages.bia.chat(chats.bia).count()).toBe(0);
    expect(await pages.bia.message(textOf(bia.customer)).count()).toBe(0);
    await pages.caio.chat(chats.bia).waitFor();

    const again = await resetPassword(browser, mailbox, caio.email);
    await again.chat(chats.caio).waitFor();
    await pages.caio.byId("login-submit").waitFor();

    await manager.byId("tab-people").click();
    const row = manager.byId("person").filter({ hasText: "Bia" });
    await row.getByRole("button").click();
    await manager.byId("person-disable").click();
    await manager.byId("confirm-action").click();
    await pages.bia.byId("login-submit").waitFor();
    await manager.page.locator('[data-testid="person"][data-state="disabled"]').waitFor();

    for (const { violations } of [manager, again, ...Object.values(pages)]) expect(violations).toEqual([]);
    company.close();
    for (const context of browser.contexts()) await context.close();
  },
);

async function teamsNamed(company: Company, name: string): Promise<string[]> {
  const Teams = z.object({ items: z.array(z.object({ id: z.string(), name: z.string() })) });
  const { items } = Teams.parse(await company.request("GET", "/v1/teams"));
  return items.filter((team) => team.name === name).map(({ id }) => id);
}
