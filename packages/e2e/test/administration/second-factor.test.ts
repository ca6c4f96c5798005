import { randomUUID } from "node:crypto";
import type { OneTimePassword } from "@syszap/contracts";
import { Authenticator } from "@syszap/testing";
import type { SmtpTestServer } from "@syszap/testing/smtp";
import type { Browser } from "playwright-core";
import { expect, inject } from "vitest";
import { browserTest, Inbox } from "../../src/browser-test.ts";
import { addCompany, Company, postJson, signInOperator } from "../../src/company.ts";

const ownPassword = "uma frase que ninguém adivinha";
interface Login {
  email: string;
  password: string;
}

/** Invites an admin, who accepts through REST. */
async function newAdmin(owner: Login, mailbox: SmtpTestServer): Promise<Login> {
  const company = await Company.signIn(owner);
  const email = `bia-${randomUUID()}@globex.syszap.dev`;
  await company.request("POST", "/v1/users", { email, name: "Bia", role: "admin" });
  company.close();
  const [, token] = /#(\S+)/.exec((await mailbox.take(email)).text) ?? [];
  await postJson(`${inject("run").url}/v1/invitations/accept`, { token, password: ownPassword });
  return { email, password: ownPassword };
}

async function openProfile(browser: Browser): Promise<Inbox> {
  const context = await browser.newContext({ locale: "pt-BR", viewport: { width: 1_280, height: 800 } });
  context.setDefaultTimeout(60_000);
  const inbox = new Inbox(await context.newPage(), context);
  await inbox.recordViolations();
  return inbox;
}

/** Sends e-mail and password on the page that is open. */
async function enterPassword(page: Inbox, login: Login): Promise<void> {
  await page.byId("login-email").fill(login.email);
  await page.byId("login-password").fill(login.password);
  await page.byId("login-submit").click();
}

async function enterCode(page: Inbox, code: string): Promise<void> {
  await page.byId("second-factor-code").fill(code);
  await page.byId("second-factor-submit").click();
}

/** Reads the secret that the page shows, enters the first code, and keeps the recovery codes. */
async function setUp(page: Inbox): Promise<{ app: Authenticator; recoveryCodes: string[] }> {
  await page.byId("second-factor-qr").waitFor();
  const secret = (await page.byId("second-factor-secret").textContent()) ?? "";
  const app = new Authenticator(secret.replaceAll(" ", ""));
  await enterCode(page, app.next());
  await page.byId("recovery-codes").waitFor();
  const recoveryCodes = await page.byId("recovery-codes").locator("li").allTextContents();
  expect(recoveryCodes).toHaveLength(10);
  await page.byId("recovery-codes-kept").click();
  return { app, recoveryCodes };
}

/** Activates the second factor on the page of the own account. */
async function turnOn(page: Inbox, password: string) {
  await page.byId("second-factor-on").click();
  await page.byId("second-factor-password").fill(password);
  await page.byId("second-factor-continue").click();
  const factor = await setUp(page);
  await page.byId("second-factor-replace").waitFor();
  return factor;
}

async function logOut(page: Inbox): Promise<void> {
  await page.page.locator('[data-testid="open-settings"]:visible').click();
  await page.byId("logout").click();
  await page.byId("login-submit").waitFor();
}

browserTest(
  "an owner turns the second factor on and signs in with each code once; the company's rule makes an admin set it up",
  async ({ browser, mailbox }) => {
    const owner = await addCompany();
    const admin = await newAdmin(owner, mailbox);
    const page = await openProfile(browser);
    await page.logIn(owner);
    await page.byId("nav-account").click();
    const { app, recoveryCodes } = await turnOn(page, owner.password);

    await logOut(page);
    await enterPassword(page, owner);
    const code = app.next();
    await enterCode(page, code);
    await page.isConnected();

    await logOut(page);
    await enterPassword(page, owner);
    await enterCode(page, code);
    await page.page.getByText("um código já usado não é aceito de novo").waitFor();
    await page.byId("second-factor-other").click();
    await enterCode(page, recoveryCodes[0] ?? "");
    await page.isConnected();

    const adminPage = await openProfile(browser);
    await adminPage.logIn(admin);
    await page.byId("nav-account").click();
    await page.page.getByText("Restam 9 códigos").waitFor();
    await page.byId("second-factor-rule").check();
    await adminPage.byId("login-submit").waitFor();
    await enterPassword(adminPage, admin);
    await adminPage.byId("second-factor-start").click();
    await setUp(adminPage);
    await adminPage.isConnected();
    await page.isConnected();

    for (const { violations } of [page, adminPage]) expect(violations).toEqual([]);
    for (const context of browser.contexts()) await context.close();
  },
);

browserTest("an operator turns the second factor on and signs in with a code", async ({ inbox }) => {
  const { url } = inject("run");
  const person = { email: `otto-${randomUUID()}@example.com`, name: "Otto" };
  const created = await postJson(`${url}/v1/operator/operators`, person, await signInOperator());
  const { oneTimePassword } = created as OneTimePassword;
  await inbox.page.goto(`${url}/operator`);
  await enterPassword(inbox, { email: person.email, password: oneTimePassword });
  await inbox.byId("operator-new-password").fill(ownPassword);
  await inbox.byId("operator-new-password-save").click();
  await inbox.byId("operator-tab-account").click();
  const { app } = await turnOn(inbox, ownPassword);

  await inbox.byId("operator-logout").click();
  await enterPassword(inbox, { email: person.email, password: ownPassword });
  await enterCode(inbox, app.next());
  await inbox.byId("operator-tab-account").click();
  await inbox.byId("second-factor-off").waitFor();
});
