import { join } from "node:path";
import { expect } from "vitest";
import { browserTest, type Inbox } from "../src/browser-test.ts";
import { commandPhone, demoOwner, newNumber } from "../src/company.ts";

/** Folder for pictures of a conversation in both themes, for people to look at. None are taken without it. */
const picturesFolder = process.env.PICTURES_DIR;

async function takePictures(inbox: Inbox, folder: string): Promise<void> {
  await inbox.page.setViewportSize({ width: 1_280, height: 4_000 });
  for (const colorScheme of ["light", "dark"] as const) {
    await inbox.page.emulateMedia({ colorScheme });
    await inbox.page.screenshot({ path: join(folder, `every-kind-${colorScheme}.png`) });
  }
}

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

const total = { amount: 45.9, currency: "BRL" };
const option = (text: string) => ({ text, description: null, url: null });
/** Kinds whose body is a text, and what surrounds a message. */
export const textKinds = [
  {
    body: "Pedido 12",
    content: { order: { title: "Pedido 12", items: [], itemCount: 2, total, note: "Sem cebola, por favor" } },
  },
  {
    body: "Bolo de cenoura",
    content: {
      product: { title: "Bolo de cenoura", description: "Com cobertura", price: total, code: "B-1", url: null },
    },
  },
  {
    body: "Pix: 12345678909",
    content: {
      payment: {
        total,
        payee: "Padaria São João",
        pixKey: "12345678909",
        pixKeyType: "CPF",
        pixCode: null,
        status: null,
        note: null,
      },
    },
  },
  {
    body: "Feira",
    content: {
      event: {
        name: "Feira de sábado",
        description: "Traga a família",
        place: "Praça da Sé",
        startsAt: "2026-12-05T12:00:00.000Z",
        endsAt: null,
        url: null,
        isCanceled: false,
      },
    },
  },
  { body: "Como podemos ajudar?", content: { menu: { options: [option("Ver pedidos"), option("Falar com alguém")] } } },
  {
    body: "Vi o anúncio de vocês",
    context: { ad: { title: "Promoção de maio", description: "Só hoje: 20% em tudo", url: "https://fb.me/abc" } },
  },
  { body: "Repassando", context: { forwarded: "often" } },
  { body: "", file: { kind: "image" }, context: { isViewOnce: true } },
  { body: "isto some amanhã", context: { expiresAt: "2030-01-01T00:00:00.000Z" } },
  { body: "*Negrito*, _itálico_, ~riscado~ e `código`\n> uma citação\n* um item\n1. outro" },
  { body: "🥖❤️" },
];

browserTest("shows a vote at once, and the original of a quote that is far back", async ({ inbox, company }) => {
  const session = await company.linkedSession("Loja das enquetes");
  const ana = newNumber();
  const { data } = await company.receive(session.id, { from: ana, name: "Ana", body: `enquete ${ana}` });
  await inbox.logIn(demoOwner());
  await inbox.chat(data.Chat_Id).click();
  const poll = { question: "Segunda ou terça?", options: ["Seg", "Ter"], mostChoices: 1 };
  const { waKey } = await commandPhone(session.id, "write", { to: ana, body: poll.question, content: { poll } });
  await inbox.byId("poll").waitFor();
  for (const options of [["Seg"], ["Ter"]]) {
    await commandPhone(session.id, "vote", { waKey, options });
    await inbox
      .byId("poll")
      .locator("li", { hasText: `${options[0]}1` })
      .waitFor();
    expect(await inbox.byId("poll").locator("li", { hasText: /1$/ }).count()).toBe(1);
  }

  const fillers = Array.from({ length: 120 }, (_, index) => ({ from: ana, body: `mensagem ${index}` }));
  await commandPhone(session.id, "messages", { messages: fillers, everyMs: 0 });
  const quoted = { waKey, direction: 1, kind: "poll", body: poll.question };
  await commandPhone(session.id, "message", { from: ana, body: "essa aí", quoted });
  await inbox.message("essa aí").waitFor();
  // With unread messages, the page would open the chat at the first of them.
  await inbox
    .chat(data.Chat_Id)
    .getByRole("img", { name: /não lida/ })
    .waitFor({ state: "detached" });
  await inbox.page.reload();
  await inbox.message("essa aí").waitFor();
  expect(await inbox.byId("poll").count()).toBe(0); // it is not among the messages that a page loads at first
  await inbox.byId("quote").click();
  await inbox.byId("poll").waitFor();
  await expect.poll(() => inbox.byId("poll").evaluate(isInView), { timeout: 60_000 }).toBe(true);
});

const isInView = (element: unknown): boolean => {
  const { top, bottom } = (
    element as { getBoundingClientRect(): { top: number; bottom: number } }
  ).getBoundingClientRect();
  return top >= 0 && bottom <= (globalThis as unknown as { innerHeight: number }).innerHeight;
};

browserTest("shows every kind of message", async ({ inbox, company }) => {
  const session = await company.linkedSession("Loja de tudo");
  const [ana, bia] = [newNumber(), newNumber()];
  const { data } = await company.receive(session.id, { from: ana, name: "Ana", body: `de tudo ${ana}` });
  // Only messages in view are rendered: high enough for all of them.
  await inbox.page.setViewportSize({ width: 1_280, height: 4_000 });
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
    ...textKinds,
    { content: { contacts: [{ name: "Bia", organisation: "Padaria", numbers }] } },
  ])
    await commandPhone(session.id, "message", { from: ana, ...message });
  const shown = inbox.page.locator('[data-testid="message"]');
  await inbox.byId("contact-card").waitFor();
  for (const id of [
    "place",
    "poll",
    "sound",
    "order",
    "product",
    "payment",
    "event",
    "menu",
    "ad",
    "view-once",
    "expiry",
  ])
    expect(await inbox.byId(id).count()).toBe(1);
  await shown.filter({ hasText: "Ligação de voz no celular" }).waitFor();
  await shown.filter({ hasText: "orçamento.pdf" }).waitFor();
  // The bubble shows the thumbnail that the server generated.
  const photo = shown.filter({ hasText: "uma foto" }).locator("img");
  await photo.waitFor();
  const isDrawn = () => photo.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0);
  await expect.poll(isDrawn, { timeout: 60_000 }).toBe(true);

  if (picturesFolder !== undefined) {
    for (const message of [
      { body: "Temos tudo isso" },
      { contacts: [{ name: "Entregas", numbers }] },
      { poll: { question: "Entrega ou retirada?", options: ["Entrega", "Retirada"] } },
      { location: { latitude: -23.55052, longitude: -46.633308, name: "Nossa loja" } },
    ])
      await company.request("POST", `/v1/chats/${data.Chat_Id}/messages`, message);
    await inbox.message("Nossa loja").and(inbox.page.locator('[data-status="read"]')).waitFor();
    await takePictures(inbox, picturesFolder);
  }
  await inbox.byId("contact-card").getByRole("button", { name: "Conversar" }).first().click();
  await inbox.page.waitForURL(
    (url) => url.pathname.startsWith("/messages/") && !url.pathname.endsWith(String(data.Chat_Id)),
  );
  await inbox.byId("composer").waitFor();
});
