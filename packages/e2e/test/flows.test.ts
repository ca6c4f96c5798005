import { expect } from "vitest";
import { browserTest } from "../src/browser-test.ts";
import { Company, commandPhone, demoLogin, demoOwner, newNumber } from "../src/company.ts";
import { decodeQr } from "../src/qr.ts";

browserTest("Connect shows a QR code, and the modal closes when the code is scanned", async ({ inbox, company }) => {
  const session = await company.newSession("Loja do QR");
  await inbox.logIn(demoOwner());
  await inbox.goTo("sessions");
  await inbox.session(session.id).getByTestId("session-connect").click();
  await inbox.byId("qr-image").waitFor();
  const picture = (await inbox.byId("qr-image").getAttribute("src")) ?? "";
  expect(decodeQr(Buffer.from(picture.split(",", 2)[1] ?? "", "base64"))).toBeTruthy();
  await commandPhone(session.id, "scan");
  await inbox.byId("qr-modal").waitFor({ state: "detached" });
  await inbox.page.getByText("WhatsApp conectado").first().waitFor();
  await inbox.page.locator(`[data-session-id="${session.id}"][data-status="connected"]`).waitFor();
});

browserTest(
  "a demanded passkey is explained in the modal, and a new code links the phone",
  async ({ inbox, company }) => {
    const session = await company.newSession("Loja da chave");
    await inbox.logIn(demoOwner());
    await inbox.goTo("sessions");
    await inbox.session(session.id).getByTestId("session-connect").click();
    await inbox.byId("qr-image").waitFor();
    await commandPhone(session.id, "passkey", { isDemanded: true });
    await commandPhone(session.id, "scan");
    await inbox.page.getByText("O WhatsApp pediu uma chave de acesso").waitFor();
    await inbox.page.getByText("Cloud API").waitFor();
    await inbox.byId("qr-retry").click();
    await inbox.byId("qr-image").waitFor();
    await commandPhone(session.id, "scan");
    await inbox.byId("qr-modal").waitFor({ state: "detached" });
    await inbox.page.locator(`[data-session-id="${session.id}"][data-status="connected"]`).waitFor();
  },
);

browserTest(
  "shows a message in the open chat, a notice for another chat, and ticks of the answer until it is read",
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja das mensagens");
    const [ana, bia] = [newNumber(), newNumber()];
    const first = await company.receive(session.id, { from: ana, name: "Ana Cliente", body: `oi ${ana}` });
    await inbox.logIn(demoOwner());
    await inbox.chat(first.data.Chat_Id).click();
    await inbox.message(`oi ${ana}`).waitFor();
    await inbox.page.evaluate("globalThis.isSamePage = true");

    await commandPhone(session.id, "message", { from: ana, body: `ainda aí? ${ana}` });
    await inbox.message(`ainda aí? ${ana}`).waitFor();
    expect(await inbox.byId("message-notice").count()).toBe(0);

    await commandPhone(session.id, "message", { from: bia, name: "Bia Cliente", body: `bom dia ${bia}` });
    await inbox
      .byId("message-notice")
      .filter({ hasText: `bom dia ${bia}` })
      .waitFor();

    await inbox.byId("composer").fill(`já vou ver ${ana}`);
    await inbox.byId("composer-send").click();
    const answer = inbox.message(`já vou ver ${ana}`);
    await answer.waitFor();
    await inbox.page.locator(`[data-testid="message"][data-status="read"]`, { hasText: `já vou ver ${ana}` }).waitFor();
    expect(await answer.count()).toBe(1);

    const colleague = await Company.signIn(demoLogin("admin"));
    const chatPath = `/v1/chats/${first.data.Chat_Id}`;
    await colleague.request("POST", `${chatPath}/typing`, { state: "composing" });
    await inbox
      .byId("colleague-typing")
      .filter({ hasText: /^Bruno está digitando…$/ })
      .waitFor();
    await colleague.request("POST", `${chatPath}/messages`, { body: `achei o pedido ${ana}` });
    const colleagues = inbox.message(`achei o pedido ${ana}`);
    await colleagues.waitFor();
    expect(await colleagues.getByTestId("message-author").textContent()).toContain("Bruno Lima");
    expect(await answer.getByTestId("message-author").count()).toBe(0);
    await inbox
      .chat(first.data.Chat_Id)
      .filter({ hasText: `Bruno: achei o pedido ${ana}` })
      .waitFor();
    await inbox.byId("colleague-typing").filter({ hasText: /^$/ }).waitFor({ state: "attached" });
    colleague.close();
    expect(await inbox.page.evaluate("globalThis.isSamePage")).toBe(true);
  },
);

browserTest(
  "a message from an unknown number adds the client to the lists and shows a notice",
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja dos novos");
    await inbox.logIn(demoOwner());
    await inbox.goTo("clients");
    const number = newNumber();
    await commandPhone(session.id, "message", { from: number, name: `Novo ${number}`, body: `olá de ${number}` });
    await inbox
      .byId("client-row")
      .filter({ hasText: `Novo ${number}` })
      .waitFor();
    await inbox.page.getByText("Novo cliente cadastrado").first().waitFor();
    await inbox.goTo("messages");
    await inbox
      .byId("chat-item")
      .filter({ hasText: `Novo ${number}` })
      .waitFor();
  },
);

browserTest(
  "a client renamed in WhatsApp has the new name on all pages after the next message",
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja dos nomes");
    const number = newNumber();
    const first = await company.receive(session.id, {
      from: number,
      name: `Antes ${number}`,
      body: `primeira ${number}`,
    });
    await inbox.logIn(demoOwner());
    await inbox.chat(first.data.Chat_Id).click();
    await inbox
      .byId("conversation-name")
      .filter({ hasText: `Antes ${number}` })
      .waitFor();
    await commandPhone(session.id, "rename", { from: number, name: `Depois ${number}` });
    await commandPhone(session.id, "message", { from: number, body: `segunda ${number}` });
    await inbox
      .byId("conversation-name")
      .filter({ hasText: `Depois ${number}` })
      .waitFor();
    await inbox
      .chat(first.data.Chat_Id)
      .filter({ hasText: `Depois ${number}` })
      .waitFor();
    await inbox.goTo("clients");
    await inbox
      .byId("client-row")
      .filter({ hasText: `Depois ${number}` })
      .waitFor();
  },
);
