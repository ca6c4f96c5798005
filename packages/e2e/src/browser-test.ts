import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { inject, test } from "vitest";
import { Company, demoOwner } from "./company.ts";

const viewport = { width: 1_280, height: 800 };

/** One page of one browser profile, on the inbox. */
export class Inbox {
  constructor(
    readonly page: Page,
    readonly context: BrowserContext,
  ) {}

  byId(id: string) {
    return this.page.getByTestId(id);
  }

  async logIn(login: { email: string; password: string }, url = inject("run").url): Promise<void> {
    await this.page.goto(url);
    await this.byId("login-email").fill(login.email);
    await this.byId("login-password").fill(login.password);
    await this.byId("login-submit").click();
    await this.page.locator('[data-testid="connection-state"][data-state="connected"]:visible').first().waitFor();
  }

  goTo(place: "sessions" | "messages" | "clients" | "dashboard"): Promise<void> {
    return this.byId(`nav-${place}`).click();
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
  /** A fresh profile in Portuguese, nobody logged in. */
  inbox: Inbox;
  /** The demo company, over HTTP. */
  company: Company;
}

/** Tests in a real Chromium. */
export const browserTest = test.extend<Fixtures>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
    async ({}, use) => {
      const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
      // Root, and small /dev/shm in containers: both need a switch.
      const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
      await use(browser);
      await browser.close();
    },
    { scope: "file" },
  ],
  inbox: async ({ browser }, use) => {
    const context = await browser.newContext({ locale: "pt-BR", viewport });
    context.setDefaultTimeout(20_000);
    await use(new Inbox(await context.newPage(), context));
    await context.close();
  },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from this pattern
  company: async ({}, use) => {
    const company = await Company.signIn(demoOwner());
    await use(company);
    company.close();
  },
});
