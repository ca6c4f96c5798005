import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const patientMs = 60_000;
const password = "um-caminho-inteiro-2026";

/** The owner of the first company, in a browser. */
export class Visitor {
  private constructor(
    private readonly origin: string,
    private readonly browser: Browser,
    private readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  /** `address` is where the name of `origin` leads. */
  static async open(
    origin: string,
    { address, keyHash, chromiumPath }: { address: string; keyHash: string; chromiumPath: string },
  ): Promise<Visitor> {
    const args = [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      `--host-resolver-rules=MAP ${new URL(origin).hostname}:443 ${address}`,
      `--ignore-certificate-errors-spki-list=${keyHash}`,
    ];
    const browser = await chromium.launch({ executablePath: chromiumPath, args });
    const context = await browser.newContext({ locale: "pt-BR", viewport: { width: 1_280, height: 800 } });
    context.setDefaultTimeout(patientMs);
    return new Visitor(origin, browser, context, await context.newPage());
  }

  private byId(id: string) {
    return this.page.getByTestId(id);
  }

  async acceptInvitation(link: string): Promise<void> {
    await this.page.goto(link);
    await this.byId("accept-password").fill(password);
    await this.byId("accept-submit").click();
    await this.isConnected();
  }

  async isConnected(): Promise<void> {
    await this.page.locator('[data-testid="connection-state"][data-state="connected"]:visible').first().waitFor();
  }

  /** Creates a session and shows its QR code. */
  async askForCode(name: string): Promise<void> {
    await this.byId("nav-sessions").click();
    await this.byId("session-create").click();
    await this.byId("session-name").fill(name);
    await this.byId("session-create-submit").click();
    await this.byId("session-card").filter({ hasText: name }).getByTestId("session-connect").click();
    await this.byId("qr-image").waitFor();
  }

  async isLinked(): Promise<void> {
    await this.byId("qr-modal").waitFor({ state: "detached" });
  }

  async openChat(name: string): Promise<void> {
    await this.byId("nav-messages").click();
    await this.byId("chat-item").filter({ hasText: name }).click();
  }

  async sees(text: string): Promise<void> {
    await this.byId("message").filter({ hasText: text }).first().waitFor();
  }

  async answer(text: string): Promise<void> {
    await this.byId("composer").fill(text);
    await this.byId("composer-send").click();
    await this.sees(text);
  }

  /** Opens the page anew. Signs in, unless the browser's login is still valid. */
  async comeBack(email: string): Promise<void> {
    await this.page.goto(this.origin);
    const field = this.byId("login-email");
    await field.or(this.byId("nav-messages")).first().waitFor();
    if (await field.isVisible()) {
      await field.fill(email);
      await this.byId("login-password").fill(password);
      await this.byId("login-submit").click();
    }
    await this.isConnected();
  }

  async photograph(file: string): Promise<void> {
    await this.page.screenshot({ path: file });
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.browser.close();
  }
}
