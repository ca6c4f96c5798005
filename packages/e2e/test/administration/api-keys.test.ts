import { expect, inject } from "vitest";
import { browserTest } from "../../src/browser-test.ts";
import { demoOwner, newNumber } from "../../src/company.ts";

const call = (key: string, method: string, path: string, body?: object) =>
  fetch(`${inject("run").url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });

browserTest("an API key allows its scopes only, and nothing after it is revoked", async ({ inbox }) => {
  const name = `Loja ${newNumber()}`;
  await inbox.logIn(demoOwner());
  await inbox.byId("nav-integrations").click();
  await inbox.byId("tab-api-keys").click();
  await inbox.byId("api-key-new").click();
  await inbox.byId("api-key-name").fill(name);
  expect(await inbox.byId("api-key-save").isDisabled()).toBe(true);
  await inbox.byId("api-key-scope-read").check();
  await inbox.byId("api-key-save").click();
  const secret = (await inbox.byId("api-key-secret-value").textContent()) ?? "";
  expect(secret).toMatch(/^syszap_/);
  await inbox.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await inbox.byId("api-key-secret-copy").click();
  await inbox.byId("api-key-secret-copy").filter({ hasText: "Copiado" }).waitFor();
  expect(await inbox.page.evaluate("navigator.clipboard.readText()")).toBe(secret);
  await inbox.page.mouse.click(5, 5);
  await inbox.byId("api-key-secret-kept").click();

  expect((await call(secret, "GET", "/v1/chats")).status).toBe(200);
  const refused = await call(secret, "POST", "/v1/sessions", { name: "Por chave", engine: "simulator" });
  expect([refused.status, await refused.json()]).toMatchObject([
    403,
    { detail: "The API key needs the scope sessions." },
  ]);

  await inbox.page.reload();
  const card = inbox.byId("api-key").filter({ hasText: name });
  await card.getByText(secret.slice(0, 12)).waitFor();
  expect(await inbox.page.content()).not.toContain(secret);
  expect(await card.getByTestId("api-key-used").textContent()).toContain("Usada pela última vez");
  await card.getByTestId("api-key-revoke").click();
  await inbox.byId("confirm-action").click();
  await card.and(inbox.page.locator('[data-state="revoked"]')).waitFor();
  expect((await call(secret, "GET", "/v1/chats")).status).toBe(401);
});

browserTest("agents cannot open the API keys page, neither from the menu nor by URL", async ({ inbox }) => {
  const agent = inject("run").logins.find(({ role }) => role === "agent");
  if (!agent) throw new Error("The product has no demo agent.");
  await inbox.logIn(agent);
  expect(await inbox.byId("nav-integrations").count()).toBe(0);
  await inbox.page.goto(`${inject("run").url}/integrations/api-keys`);
  await inbox.page.waitForURL("**/messages");
});
