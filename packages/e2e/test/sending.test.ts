/// <reference lib="dom" />
import { expect } from "vitest";
import { browserTest } from "../src/browser-test.ts";
import { commandPhone, demoOwner, newNumber } from "../src/company.ts";

const pdf = { name: "Cardápio de março.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 um cardápio") };

browserTest(
  "sends a quote and a file, reacts, edits and deletes, and the page shows each confirmed change",
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja que responde");
    const ana = newNumber();
    const first = await company.receive(session.id, { from: ana, name: "Ana Cliente", body: `tem bolo? ${ana}` });
    await inbox.logIn(demoOwner());
    await inbox.chat(first.data.Chat_Id).click();
    const asked = inbox.message(`tem bolo? ${ana}`).first();
    const actionsOf = async (message: typeof asked) => {
      await message.hover();
      await message.getByRole("button", { name: "Ações da mensagem" }).click();
    };

    await actionsOf(asked);
    await inbox.byId("action-reply").click();
    await inbox.byId("composer").fill(`tem de cenoura ${ana}`);
    await inbox.byId("composer-send").click();
    const answer = inbox.message(`tem de cenoura ${ana}`);
    await answer
      .getByTestId("quote")
      .filter({ hasText: `tem bolo? ${ana}` })
      .waitFor();

    await inbox.byId("composer-attach").setInputFiles(pdf);
    await inbox.byId("composer-file").filter({ hasText: pdf.name }).waitFor();
    await inbox.byId("composer").fill(`segue o cardápio ${ana}`);
    await inbox.byId("composer-send").click();
    await inbox
      .message(`segue o cardápio ${ana}`)
      .filter({ hasText: pdf.name })
      .and(inbox.page.locator('[data-status="read"]'))
      .waitFor();

    await actionsOf(asked);
    await inbox.page.getByRole("menuitem", { name: "Reagir com ❤️" }).click();
    await asked.getByText("❤️").waitFor();

    await actionsOf(answer);
    await inbox.byId("action-edit").click();
    await inbox.byId("composer").fill(`tem de fubá ${ana}`);
    await inbox.byId("composer-send").click();
    const edited = inbox.message(`tem de fubá ${ana}`);
    await edited.getByText("editada").waitFor();

    await actionsOf(edited);
    await inbox.byId("action-delete").click();
    await inbox.byId("confirm-action").click();
    await edited.waitFor({ state: "detached" });
    await inbox.page.getByText("Esta mensagem foi apagada").first().waitFor();
  },
);

browserTest("a message to a number without WhatsApp shows the reason of its failure", async ({ inbox, company }) => {
  const session = await company.linkedSession("Loja sem sorte");
  const nobody = `${newNumber().slice(0, -4)}0000`;
  const first = await company.receive(session.id, { from: nobody, name: "Número que acabou", body: `oi ${nobody}` });
  await inbox.logIn(demoOwner());
  await inbox.chat(first.data.Chat_Id).click();
  await inbox.byId("composer").fill(`olá ${nobody}`);
  await inbox.byId("composer-send").click();
  const failed = inbox.message(`olá ${nobody}`).and(inbox.page.locator('[data-status="failed"]'));
  await failed.getByText("este número não tem WhatsApp").waitFor();
  await commandPhone(session.id, "message", { from: nobody, body: `barreira ${nobody}` });
  await inbox.message(`barreira ${nobody}`).waitFor();
  expect(await failed.count()).toBe(1);
});

browserTest("notices that appear over an open message menu do not intercept its clicks", async ({ inbox, company }) => {
  const session = await company.linkedSession("Loja movimentada");
  const ana = newNumber();
  const first = await company.receive(session.id, { from: ana, name: "Ana Cliente", body: `tem bolo? ${ana}` });
  await inbox.logIn(demoOwner());
  await inbox.page.setViewportSize({ width: 900, height: 320 });
  await inbox.chat(first.data.Chat_Id).click();
  await inbox.byId("composer").fill(`tem ${ana}`);
  await inbox.byId("composer-send").click();
  const answer = inbox.message(`tem ${ana}`).and(inbox.page.locator('[data-status="read"]'));
  await answer.hover();
  await answer.getByRole("button", { name: "Ações da mensagem" }).click();
  const thanks = inbox.page.getByRole("menuitem", { name: "Reagir com 🙏" });
  await thanks.waitFor();
  for (const name of ["Bia", "Caio"]) {
    const from = newNumber();
    await company.receive(session.id, { from, name, body: `oi de ${from}` });
  }
  const notices = inbox.byId("message-notice");
  await notices.nth(1).waitFor();
  const boxes = async () => [
    await thanks.boundingBox(),
    ...(await Promise.all([0, 1].map((n) => notices.nth(n).boundingBox()))),
  ];
  const isCovered = async () => {
    const [item, ...covers] = await boxes();
    const [x, y] = [(item?.x ?? 0) + (item?.width ?? 0) / 2, (item?.y ?? 0) + (item?.height ?? 0) / 2];
    return covers.some((box) => box && x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height);
  };
  // Precondition: without an overlap the test would prove nothing.
  await expect.poll(isCovered, { timeout: 60_000 }).toBe(true);
  const receivesClicks = await thanks.evaluate((item) => {
    const { x, y, width, height } = item.getBoundingClientRect();
    return item.contains(document.elementFromPoint(x + width / 2, y + height / 2));
  });
  expect(receivesClicks).toBe(true);
  await thanks.click();
  await answer.getByText("🙏").waitFor();
});
