import { expect } from "vitest";
import { browserTest } from "../src/browser-test.ts";
import { commandPhone, demoOwner, newNumber } from "../src/company.ts";

/** The properties of an audio element that the test reads. */
interface Player {
  currentTime: number;
  duration: number;
  seekable: { length: number; end(at: number): number };
}

browserTest(
  "a voice note plays from the chosen position and is loaded by range requests",
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja dos áudios");
    const ana = newNumber();
    const { data } = await company.receive(session.id, { from: ana, name: "Ana", body: `antes do áudio ${ana}` });
    await inbox.logIn(demoOwner());
    await inbox.chat(data.Chat_Id).click();
    await commandPhone(session.id, "message", { from: ana, file: { kind: "audio" } });
    const sound = inbox.byId("sound");
    await sound.waitFor();
    const played = inbox.page.waitForResponse((response) => response.url().includes("/content?link="));
    await sound.getByRole("button", { name: "Ouvir" }).click();
    const response = await played;
    expect(response.status()).toBe(206);
    expect(response.headers()).toMatchObject({ "content-type": "audio/wav", "accept-ranges": "bytes" });
    await sound.getByRole("button", { name: "Pausar" }).waitFor();

    const position = sound.getByRole("slider");
    await position.fill("27");
    const read = () =>
      inbox.page.evaluate(() => {
        const query = globalThis as unknown as { document: { querySelector(selector: string): Player | null } };
        const player = query.document.querySelector("audio");
        return player && { at: player.currentTime, of: player.duration, until: player.seekable.end(0) };
      });
    // Greater than 27: it continues to play from the chosen position.
    await expect.poll(async () => (await read())?.at ?? 0, { timeout: 60_000 }).toBeGreaterThan(27.2);
    expect(await read()).toMatchObject({ of: 30, until: 30 });
  },
);

browserTest("shows every kind of message", async ({ inbox, company }) => {
  const session = await company.linkedSession("Loja de tudo");
  const [ana, bia] = [newNumber(), newNumber()];
  const { data } = await company.receive(session.id, { from: ana, name: "Ana", body: `de tudo ${ana}` });
  await inbox.logIn(demoOwner());
  await inbox.chat(data.Chat_Id).click();
  await inbox.message(`de tudo ${ana}`).waitFor();
  const numbers = [{ text: `+${bia}`, whatsAppNumber: bia }];
  for (const message of [
    { file: { kind: "image" }, body: "uma foto" },
    { file: { kind: "document", name: "orçamento.pdf" } },
    { file: { kind: "video" }, body: "um vídeo" },
    { file: { kind: "voice" } },
    { content: { location: { latitude: -23.5614, longitude: -46.6559, name: "MASP", address: "Av. Paulista, 1578" } } },
    { content: { poll: { question: "Pizza ou sushi?", options: ["Pizza", "Sushi"], mostChoices: 1 } } },
    { content: { call: { isVideo: false } } },
    { content: { contacts: [{ name: "Bia", organisation: "Padaria", numbers }] } },
  ])
    await commandPhone(session.id, "message", { from: ana, ...message });
  const shown = inbox.page.locator('[data-testid="message"]');
  await inbox.byId("contact-card").waitFor();
  for (const id of ["place", "poll", "sound"]) expect(await inbox.byId(id).count()).toBe(1);
  await shown.filter({ hasText: "Ligação de voz no celular" }).waitFor();
  await shown.filter({ hasText: "orçamento.pdf" }).waitFor();
  // The bubble shows the thumbnail that the server generated.
  const photo = shown.filter({ hasText: "uma foto" }).locator("img");
  await photo.waitFor();
  const isDrawn = () => photo.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0);
  await expect.poll(isDrawn, { timeout: 60_000 }).toBe(true);

  await inbox.byId("contact-card").getByRole("button", { name: "Conversar" }).click();
  await inbox.page.waitForURL(
    (url) => url.pathname.startsWith("/messages/") && !url.pathname.endsWith(String(data.Chat_Id)),
  );
  await inbox.byId("composer").waitFor();
});
