import { type SmtpTestServer, startSmtpTestServer } from "@syszap/testing/smtp";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { launchChromium } from "./chromium.ts";
import { Company, demoOwner } from "./company.ts";

const viewport = { width: 1_280, height: 800 };

/** Runs in every page before its own scripts. */
const reportViolations = `addEventListener("securitypolicyviolation", (event) =>
  reportViolation(event.effectiveDirective + " forbids " + (event.blockedURI || "inline") + " on " + location.pathname))`;

/** The web app in one browser profile. */
export class Inbox {
  /** Violations of the Content-Security-Policy on all pages of this profile. */
  readonly violations: string[] = [];

  constructor(
    readonly page: Page,
    readonly context: BrowserContext,
  ) {}

  async recordViolations(): Promise<void> {
    await this.context.exposeBinding("reportViolation", (_source, text: string) => void this.violations.push(text));
    await this.context.addInitScript(reportViolations);
  }

  byId(id: string) {
    return this.page.getByTestId(id);
  }

  async logIn(login: { email: string; password: string }, url = inject("run").url): Promise<void> {
    await this.page.goto(url);
    await this.byId("login-email").fill(login.email);
    await this.byId("login-password").fill(login.password);
    await this.byId("login-submit").click();
    await this.isConnected();
  }

  /** Resolves when the page is signed in and its WebSocket is connected. */
  async isConnected(): Promise<void> {
    await this.page.locator('[data-testid="connection-state"][data-state="connected"]:visible').first().waitFor();
  }

  goTo(page: "sessions" | "messages" | "clients" | "dashboard"): Promise<void> {
    return this.byId(`nav-${page}`).click();
  }

  chat(chatId: unknown) {
    return this.page.locator(`[data-testid="chat-item"][data-chat-id="${chatId}"]`);
  }

  message(body: string) {
    return this.byId("message").filter({ hasText: body });
  }

  session(sessionId: string) {
    return this.page.locator(`[data-testid="session-card"][data-session-id="${sessionId}"]`);
  }
}

interface Fixtures {
  browser: Browser;
  /** A new browser profile in Portuguese without a login. The test fails if a page violates its Content-Security-Policy. */
  inbox: Inbox;
  /** The demo company through REST and WebSocket. */
  company: Company;
  /** Receives the e-mails of the product. Those that it sent before wait for their next attempt. */
  mailbox: SmtpTestServer;
}

/** `test` with a real Chromium. */
export const browserTest = test.extend<Fixtures>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
    async ({}, use) => {
      // A fake microphone, which the page may use without asking.
      const browser = await launchChromium("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream");
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  inbox: async ({ browser }, use) => {
    const context = await browser.newContext({ locale: "pt-BR", viewport });
    context.setDefaultTimeout(60_000);
    const inbox = new Inbox(await context.newPage(), context);
    await inbox.recordViolations();
    await use(inbox);
    await context.close();
    expect(inbox.violations).toEqual([]);
  },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
  company: async ({}, use) => {
    const company = await Company.signIn(demoOwner());
    await use(company);
    company.close();
  },
  mailbox: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
    async ({}, use) => {
      const mailbox = await startSmtpTestServer(inject("smtpPort"));
      await use(mailbox);
      await mailbox.close();
    },
    { scope: "file" },
  ],
});
