import type { CDPSession } from "playwright-core";
import { expect, inject } from "vitest";
import { browserTest } from "../src/browser-test.ts";
import { addCompany, Company, newNumber } from "../src/company.ts";

/** The id of the page's service worker for the DevTools protocol. */
async function registrationId(devTools: CDPSession): Promise<string> {
  const found = new Promise<string>((resolve) => {
    devTools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const [registration] = registrations.filter(({ isDeleted }) => !isDeleted);
      if (registration) resolve(registration.registrationId);
    });
  });
  await devTools.send("ServiceWorker.enable");
  return found;
}

const titlesOfNotices = `navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((notices) => notices.map(({ title, body }) => title + ": " + body))`;
const cachedPaths = `caches.keys()
  .then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
  .then((requests) => requests.flat().map(({ url }) => new URL(url).pathname))`;

browserTest(
  "the page can be installed: its shell opens without a connection, no data is cached, and a push opens its chat",
  async ({ inbox }) => {
    const { page, context } = inbox;
    const login = await addCompany();
    const company = await Company.signIn(login);
    const session = await company.linkedSession("Loja instalada");
    const { data } = await company.receive(session.id, { from: newNumber(), name: "Marta", body: "bom dia" });
    await context.grantPermissions(["notifications"]);
    await inbox.logIn(login);
    await inbox.chat(data.Chat_Id).waitFor();
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");

    const manifest = await page.evaluate<{ name: string; icons: { src: string }[] }>(
      `fetch(document.querySelector("link[rel=manifest]").href).then((answer) => answer.json())`,
    );
    for (const { src } of manifest.icons)
      expect({ src, status: (await fetch(inject("run").url + src)).status }).toEqual({ src, status: 200 });

    const devTools = await context.newCDPSession(page);
    const { url } = inject("run");
    const push = { chatId: data.Chat_Id, name: "Marta", count: 2, language: "pt-BR" };
    await devTools.send("ServiceWorker.deliverPushMessage", {
      origin: url,
      registrationId: await registrationId(devTools),
      data: JSON.stringify(push),
    });
    await expect.poll(() => page.evaluate(titlesOfNotices)).toEqual(["Marta: 2 novas mensagens"]);
    const [worker] = context.serviceWorkers();
    await worker?.evaluate(`registration.getNotifications().then(([notification]) => {
      dispatchEvent(new NotificationEvent("notificationclick", { notification }));
    })`);
    await page.waitForURL(`**/messages/${data.Chat_Id}`);
    await expect.poll(() => page.evaluate(titlesOfNotices)).toEqual([]);

    const paths = await page.evaluate<string[]>(cachedPaths);
    expect(paths).toContain("/index.html");
    expect(paths.filter((path) => path !== "/index.html" && !path.startsWith("/assets/"))).toEqual([]);
    await context.setOffline(true);
    await page.reload();
    await page.getByRole("alert").filter({ hasText: "servidor" }).waitFor();
    await context.setOffline(false);
    await inbox.isConnected();
    company.close();
  },
);
