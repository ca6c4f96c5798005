/// <reference lib="dom" />
import { PNG } from "pngjs";
import { expect } from "vitest";
import { browserTest } from "../src/browser-test.ts";
import { commandPhone, demoOwner, newNumber } from "../src/company.ts";

const photo = {
  name: "vitrine.png",
  mimeType: "image/png",
  buffer: PNG.sync.write(new PNG({ width: 640, height: 480, fill: true })),
};
const pdf = { name: "Cardápio.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 um cardápio") };

browserTest(
  "keeps drafts over a reload, sends several files and a recorded voice message, and opens photos in the viewer",
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja que anexa");
    const [ana, bia] = [newNumber(), newNumber()];
    const first = await company.receive(session.id, { from: ana, name: "Ana Anexos", body: `oi ${ana}` });
    const second = await company.receive(session.id, { from: bia, name: "Bia Anexos", body: `oi ${bia}` });
    const read = inbox.page.locator('[data-status="read"]');
    const marked = inbox.chat(first.data.Chat_Id).filter({ hasText: `Rascunho: rascunho ${ana}` });
    await inbox.logIn(demoOwner());

    await inbox.chat(first.data.Chat_Id).click();
    await inbox.byId("composer").fill(`rascunho ${ana}`);
    await inbox.byId("composer-attach").setInputFiles([photo, pdf]);
    await inbox.chat(second.data.Chat_Id).click();
    await marked.waitFor();
    await inbox.chat(first.data.Chat_Id).click();
    await inbox.byId("composer-file").nth(1).waitFor();
    expect(await inbox.byId("composer-file").count()).toBe(2);
    for (const { name } of [photo, pdf]) await inbox.page.getByRole("button", { name: `Remover ${name}` }).click();
    await inbox.page.reload();
    await inbox.isConnected();
    expect(await inbox.byId("composer").inputValue()).toBe(`rascunho ${ana}`);

    await inbox.byId("composer-attach").setInputFiles([photo, pdf]);
    await inbox.byId("composer-send").click();
    const sentPhoto = inbox.message(`rascunho ${ana}`).and(read);
    await sentPhoto.waitFor();
    await inbox.message(pdf.name).and(read).waitFor();
    expect(await inbox.byId("composer").inputValue()).toBe("");

    const opener = sentPhoto.getByRole("button", { name: "Abrir a imagem" });
    await opener.click();
    const viewer = inbox.byId("media-viewer");
    const shown = viewer.getByRole("img");
    await expect
      .poll(() => shown.evaluate((image) => (image as HTMLImageElement).naturalWidth), { timeout: 60_000 })
      .toBe(640);
    const width = (await shown.boundingBox())?.width ?? 0;
    await inbox.page.keyboard.press("+");
    await expect.poll(async () => (await shown.boundingBox())?.width ?? 0, { timeout: 60_000 }).toBeGreaterThan(width);
    await inbox.page.keyboard.press("Escape");
    await viewer.waitFor({ state: "detached" });
    expect(await opener.evaluate((button) => button === document.activeElement)).toBe(true);

    await inbox.byId("voice-start").click();
    await inbox.byId("voice-bar").filter({ hasText: "0:02" }).waitFor();
    await inbox.page.keyboard.press("Enter"); // the focus is on the button that sends
    const voice = inbox.byId("message").filter({ has: inbox.byId("sound") });
    await voice.and(read).waitFor();
    await voice.getByRole("button", { name: "Ouvir" }).click();
    await voice.getByTestId("waveform").waitFor();
    const duration = () => voice.locator("audio").evaluate((audio) => (audio as HTMLAudioElement).duration);
    await expect.poll(duration, { timeout: 60_000 }).toBeGreaterThan(1.5);
    expect(await duration()).toBeLessThan(60);

    await inbox.byId("composer").pressSequentially("obrigado :thumbsup");
    await inbox.byId("emoji-suggestions").waitFor();
    await inbox.page.keyboard.press("Tab");
    await expect.poll(() => inbox.byId("composer").inputValue(), { timeout: 60_000 }).toMatch(/^obrigado 👍/);
    await inbox.byId("emoji-open").click();
    await inbox.byId("emoji-search").fill("bolo");
    for (const key of ["ArrowRight", "ArrowLeft", "Enter"]) await inbox.page.keyboard.press(key);
    await expect
      .poll(() => inbox.byId("composer").inputValue(), { timeout: 60_000 })
      .toMatch(/^obrigado 👍\uFE0F?🎂$/u);
  },
);

browserTest(
  "without a network, what was loaded stays readable, and what is written is sent when the network is back",
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja sem rede");
    const ana = newNumber();
    const { data } = await company.receive(session.id, { from: ana, name: "Ana Offline", body: `antes ${ana}` });
    await inbox.logIn(demoOwner());
    await inbox.chat(data.Chat_Id).click();
    await inbox.message(`antes ${ana}`).waitFor();
    await inbox.context.setOffline(true);
    await inbox.byId("connection-banner").waitFor();
    await inbox.byId("composer").fill(`sem rede ${ana}`);
    await inbox.byId("composer-send").click();
    const unsent = inbox.message(`sem rede ${ana}`);
    await unsent.filter({ hasText: "Não enviada" }).waitFor();
    expect(await inbox.message(`antes ${ana}`).count()).toBe(1);
    await inbox.context.setOffline(false);
    await inbox.byId("connection-banner").waitFor({ state: "detached" });
    await unsent.and(inbox.page.locator('[data-status="read"]')).waitFor();
    await commandPhone(session.id, "message", { from: ana, body: `depois ${ana}` });
    await inbox.message(`depois ${ana}`).waitFor();
  },
);
