import { expect, inject } from "vitest";
import { browserTest } from "../src/browser-test.ts";
import { commandPhone, demoOwner, newNumber } from "../src/company.ts";

const operator = { email: "operador@demo.syszap.dev", password: "syszap-demo" };

browserTest("no page violates its Content-Security-Policy", async ({ inbox, company }) => {
  const session = await company.linkedSession("Loja da política");
  const ana = newNumber();
  const { data } = await company.receive(session.id, { from: ana, name: "Ana", body: `oi ${ana}` });
  await inbox.logIn(demoOwner());
  for (const path of [
    "/messages",
    `/messages/${data.Chat_Id}`,
    "/clients",
    "/sessions",
    "/dashboard",
    "/account",
    "/people",
    "/people/teams",
    "/people/audit",
    "/failures",
    "/integrations/webhooks",
    "/integrations/api-keys",
  ]) {
    await inbox.page.goto(`${inject("run").url}${path}`);
    await inbox.page.locator('[data-testid="connection-state"][data-state="connected"]:visible').first().waitFor();
    expect(new URL(inbox.page.url()).pathname).toBe(path);
  }
  // A notice is drawn by the library whose inline styles the build removes.
  await commandPhone(session.id, "message", { from: newNumber(), name: "Bia", body: `bom dia ${ana}` });
  const notice = inbox.byId("message-notice").filter({ hasText: `bom dia ${ana}` });
  await notice.waitFor();
  const position = await inbox.page
    .locator("[data-sonner-toaster]")
    .first()
    .evaluate(
      (list) =>
        (globalThis as unknown as { getComputedStyle(of: unknown): { position: string } }).getComputedStyle(list)
          .position,
    );
  expect(position).toBe("fixed");
  expect(inbox.violations).toEqual([]);
});

browserTest("the operator's pages do not violate their Content-Security-Policy", async ({ inbox }) => {
  await inbox.page.goto(`${inject("run").url}/operator`);
  await inbox.byId("login-email").fill(operator.email);
  await inbox.byId("login-password").fill(operator.password);
  await inbox.byId("login-submit").click();
  await inbox.byId("operator-tab-health").click();
  const opened = inbox.context.waitForEvent("page");
  await inbox.byId("open-queues").click();
  const dashboard = await opened;
  await dashboard.getByText("inbound-messages").first().waitFor();
  await dashboard.waitForLoadState("networkidle");
  // Bull Board requests a web font of another origin, which is refused on purpose.
  const others = inbox.violations.splice(0).filter((violation) => !violation.includes("https://fonts.googleapis.com/"));
  expect(others).toEqual([]);
});

browserTest("a script that is injected into a page does not run and is reported", async ({ inbox }) => {
  await inbox.page.goto(inject("run").url);
  await inbox.byId("login-email").waitFor();
  const result = await inbox.page.evaluate(`(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.isInjected = true";
    document.head.append(script);
    document.body.insertAdjacentHTML("beforeend", '<img src="x:" onerror="globalThis.isInjected = true">');
    return globalThis.isInjected === true;
  })()`);
  expect(result).toBe(false);
  await expect.poll(() => inbox.violations.splice(0).join()).toContain("script-src-elem forbids inline");
  await expect.poll(() => inbox.page.evaluate("globalThis.isInjected === true")).toBe(false);
  inbox.violations.length = 0;
});
