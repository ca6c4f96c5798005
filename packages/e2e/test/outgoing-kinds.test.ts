import { expect } from "vitest";
import { browserTest, type Inbox } from "../src/browser-test.ts";
import { actionsOf, commandPhone, demoOwner, newNumber } from "../src/company.ts";

/** Chooses what to send in the menu beside the composer. */
const attach = async (inbox: Inbox, kind: string) => {
  await inbox.page.getByRole("button", { name: "Anexar" }).click();
  await inbox.byId(`attach-${kind}`).click();
};

browserTest(
  "sends a poll, a location, a contact card and a forward, and counts the votes",
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja que manda de tudo");
    const [ana, bia] = [newNumber(), newNumber()];
    const { data } = await company.receive(session.id, { from: ana, name: "Ana de tudo", body: `oi ${ana}` });
    await company.receive(session.id, { from: bia, name: "Bia Encaminhada", body: `oi ${bia}` });
    await inbox.logIn(demoOwner());
    await inbox.chat(data.Chat_Id).click();
    const isRead = inbox.page.locator('[data-status="read"]');

    await attach(inbox, "poll");
    await inbox.byId("poll-question").fill("Qual dia é melhor?");
    await inbox.byId("poll-option-0").fill("Segunda");
    await inbox.byId("poll-option-1").fill("Terça");
    await inbox.byId("poll-send").click();
    const poll = inbox.message("Qual dia é melhor?").and(isRead);
    await poll.waitFor();
    const sent = (await actionsOf(session.id)).find((action) => action.poll !== undefined);
    await commandPhone(session.id, "vote", { waKey: sent?.waKey, options: ["Terça"] });
    await poll.locator("li", { hasText: "Terça1" }).waitFor();

    await attach(inbox, "location");
    await inbox.byId("location-position").fill("-23.55052, -46.633308");
    await inbox.byId("location-name").fill("Catedral da Sé");
    await inbox.byId("location-send").click();
    await inbox.message("Catedral da Sé").and(isRead).waitFor();

    await attach(inbox, "contacts");
    await inbox.byId("contact-dialog").getByRole("searchbox").fill("Bia Encaminhada");
    await inbox.byId("contact-dialog").getByText("Bia Encaminhada").first().click();
    await inbox.byId("contact-send").click();
    const card = inbox.message("Bia Encaminhada").and(isRead);
    await card.getByTestId("contact-card").waitFor();

    const asked = inbox.message(`oi ${ana}`).first();
    await asked.hover();
    await asked.getByRole("button", { name: "Ações da mensagem" }).click();
    await inbox.byId("action-forward").click();
    await inbox.byId("forward-dialog").getByRole("searchbox").fill("Bia Encaminhada");
    await inbox.byId("forward-dialog").getByText("Bia Encaminhada").first().click();
    await inbox.byId("forward-send").click();
    await inbox.chat(data.Chat_Id).waitFor();
    await card.getByRole("button", { name: "Conversar" }).click();
    await inbox.message(`oi ${ana}`).and(isRead).filter({ hasText: "Encaminhada" }).waitFor();
  },
);

browserTest("follows a live location until its end", async ({ inbox, company }) => {
  const session = await company.linkedSession("Loja do mapa");
  const ana = newNumber();
  const { data } = await company.receive(session.id, { from: ana, name: "Ana", body: `estou indo ${ana}` });
  await inbox.logIn(demoOwner());
  await inbox.chat(data.Chat_Id).click();
  const liveUntil = new Date(Date.now() + 3_600_000).toISOString();
  const location = { latitude: -23.5, longitude: -46.6, name: null, address: null, isLive: true, liveUntil };
  const { waKey } = await commandPhone(session.id, "message", { from: ana, content: { location } });
  const state = inbox.byId("live-state");
  await state.filter({ hasText: "Ao vivo até" }).waitFor();
  await commandPhone(session.id, "move", { waKey, latitude: -23.6, longitude: -46.7 });
  await inbox.byId("place").filter({ hasText: "-23.60000, -46.70000" }).waitFor();
  await commandPhone(session.id, "move", { waKey, latitude: -23.7, longitude: -46.8, hasEnded: true });
  await state.filter({ hasText: "Compartilhamento encerrado" }).waitFor();
  expect(await inbox.byId("place").textContent()).toContain("-23.70000, -46.80000");
});
