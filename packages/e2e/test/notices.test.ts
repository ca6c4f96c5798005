import { expect, inject } from "vitest";
import { browserTest, Inbox } from "../src/browser-test.ts";
import { addCompany, Company, commandPhone, newNumber } from "../src/company.ts";

/** Reports each sound of a tab by its second tone. */
const reportSounds = `
  const Tone = OscillatorNode;
  globalThis.OscillatorNode = class extends Tone {
    start(...when) {
      if (this.frequency.value > 900) reportSound();
      super.start(...when);
    }
  };`;

/** Counts the most toasts that are on the page at the same time. */
const countToasts = `
  globalThis.maxToasts = 0;
  new MutationObserver(() => {
    maxToasts = Math.max(maxToasts, document.querySelectorAll("[data-sonner-toast]").length);
  }).observe(document.body, { childList: true, subtree: true });`;

const notice = (tab: Inbox, body: string) => tab.byId("message-notice").filter({ hasText: body });

/** A company of this test alone: messages of other tests would sound, too. */
async function ownCompany() {
  const login = await addCompany();
  return { login, company: await Company.signIn(login) };
}

/** Opens more tabs of the same browser profile. */
async function openTabs(inbox: Inbox, count: number): Promise<Inbox[]> {
  const tabs = [inbox];
  while (tabs.length < count) {
    const tab = new Inbox(await inbox.context.newPage(), inbox.context);
    await tab.page.goto(inject("run").url);
    await tab.isConnected();
    tabs.push(tab);
  }
  // Browsers allow sounds after the first click in a tab.
  for (const tab of tabs) await tab.goTo("messages");
  return tabs;
}

browserTest(
  "a message sounds in one of three tabs, and in none while its chat is open in any of them",
  async ({ inbox }) => {
    const { login, company } = await ownCompany();
    const session = await company.linkedSession("Loja das abas");
    const [ana, bia] = [newNumber(), newNumber()];
    const first = await company.receive(session.id, { from: ana, name: "Ana Abas", body: `oi ${ana}` });
    const log: string[] = [];
    await inbox.context.exposeBinding("reportSound", () => void log.push("sound"));
    await inbox.context.addInitScript(reportSounds);
    await inbox.logIn(login);
    const tabs = await openTabs(inbox, 3);
    await inbox.chat(first.data.Chat_Id).click();
    await inbox.message(`oi ${ana}`).waitFor();

    await commandPhone(session.id, "message", { from: ana, body: `aberta ${ana}` });
    for (const tab of tabs)
      await tab
        .chat(first.data.Chat_Id)
        .filter({ hasText: `aberta ${ana}` })
        .waitFor();
    log.push("chat that no tab shows");
    await commandPhone(session.id, "message", { from: bia, name: "Bia Abas", body: `fechada ${bia}` });
    for (const tab of tabs) await notice(tab, `fechada ${bia}`).waitFor();
    await expect.poll(() => log).toEqual(["chat that no tab shows", "sound"]);

    // Each tab decides about a message before it shows the notice of the next one.
    await commandPhone(session.id, "message", { from: bia, body: `de novo ${bia}` });
    for (const tab of tabs) {
      await notice(tab, `de novo ${bia}`).waitFor();
      expect(await notice(tab, `aberta ${ana}`).count()).toBe(0);
    }
    expect(log.slice(0, 2)).toEqual(["chat that no tab shows", "sound"]);
    expect(log.length).toBeLessThanOrEqual(3);
    company.close();
  },
);

browserTest("notices and sound that are switched off in one tab are off in all tabs", async ({ inbox }) => {
  const { login, company } = await ownCompany();
  const session = await company.linkedSession("Loja calada");
  const bia = newNumber();
  const first = await company.receive(session.id, { from: bia, name: "Bia Calada", body: `oi ${bia}` });
  const sounds: string[] = [];
  await inbox.context.exposeBinding("reportSound", () => void sounds.push("sound"));
  await inbox.context.addInitScript(reportSounds);
  await inbox.logIn(login);
  const [, other] = await openTabs(inbox, 2);
  if (!other) throw new Error("The second tab is missing.");

  await inbox.byId("open-settings").click();
  for (const name of ["Avisos na página", "Som"]) await inbox.page.getByRole("switch", { name }).uncheck();
  await commandPhone(session.id, "message", { from: bia, body: `calada ${bia}` });
  for (const tab of [inbox, other])
    await tab
      .chat(first.data.Chat_Id)
      .filter({ hasText: `calada ${bia}` })
      .waitFor();
  await inbox.page.getByRole("switch", { name: "Avisos na página" }).check();
  await commandPhone(session.id, "message", { from: bia, body: `avisada ${bia}` });
  for (const tab of [inbox, other]) {
    await notice(tab, `avisada ${bia}`).waitFor();
    expect(await notice(tab, `calada ${bia}`).count()).toBe(0);
  }
  expect(sounds).toEqual([]);
  company.close();
});

browserTest("250 new customers at once make a few notices, and the page keeps answering", async ({ inbox }) => {
  const count = 250;
  const { login, company } = await ownCompany();
  const session = await company.linkedSession("Loja cheia");
  const ana = newNumber();
  const first = await company.receive(session.id, { from: ana, name: "Ana", body: `oi ${ana}` });
  await inbox.logIn(login);
  await inbox.chat(first.data.Chat_Id).click();
  await inbox.message(`oi ${ana}`).waitFor();
  await inbox.page.evaluate(countToasts);

  const numbers = Array.from({ length: count }, newNumber);
  const burst = Promise.all(
    numbers.map((from) => commandPhone(session.id, "message", { from, name: `Novo ${from}`, body: "bom dia" })),
  );
  await inbox.byId("composer").fill(`um momento ${ana}`);
  await inbox.byId("composer-send").click();
  await inbox.message(`um momento ${ana}`).waitFor();
  await burst;
  // Only the visible chats are in the document; each one has the length of the list.
  await inbox.page
    .locator(`[aria-setsize="${count + 1}"]`)
    .first()
    .waitFor({ state: "attached" });
  // The notices of the burst are gone: a message within its last batch would only be counted.
  await expect.poll(() => inbox.page.locator("[data-sonner-toast]").count(), { timeout: 60_000 }).toBe(0);

  const later = newNumber();
  await commandPhone(session.id, "message", { from: later, name: "Depois", body: `cheguei ${later}` });
  await notice(inbox, `cheguei ${later}`).waitFor();
  expect(await inbox.page.evaluate("maxToasts")).toBeLessThanOrEqual(4);
  company.close();
});
