import type { Message, MissingMedia } from "@syszap/contracts";
import { act, fireEvent, screen } from "@testing-library/react";
import i18next from "i18next";
import { expect, test } from "vitest";
import { MessageBubble } from "../../src/components/inbox/message-bubble.tsx";
import { applyToMessages, type MessageList, withMessages } from "../../src/live/message-cache.ts";
import { aChat, aMessage, at, frame, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, called, answerWith, calls } = preparePage();
const bubble = (overrides: Partial<Message>) => (
  <MessageBubble message={aMessage(overrides)} isFirstOfGroup onResend={() => undefined} />
);
const inEnglish = () => act(() => i18next.changeLanguage("en"));

test("a location shows its name, address and a link to a map, and loads nothing from a map server", async () => {
  const location = { latitude: -23.56141, longitude: -46.65588, name: "MASP", address: "Av. Paulista, 1578" };
  show(bubble({ type: 7, body: "MASP\nAv. Paulista, 1578", content: { location } }));
  const card = screen.getByTestId("place");
  expect(card.textContent).toContain("MASPAv. Paulista, 1578-23.56141, -46.65588Abrir no mapa");
  expect(card.getAttribute("href")).toContain("query=-23.56141,-46.65588");
  expect(card.getAttribute("rel")).toBe("noopener noreferrer");
  expect(card.querySelector("img")).toBeNull();
  expect(screen.queryByTestId("message-body")).toBeNull(); // the card shows the same text
  await inEnglish();
  expect(card.textContent).toContain("Open the map");
});

test("a live location shows until when it is shared, the time of its position, and its end", () => {
  const location = { latitude: -23.5, longitude: -46.6, name: null, address: null, isLive: true };
  const liveUntil = new Date(Date.now() + 60_000).toISOString();
  const again = show(
    bubble({ type: 7, body: "", content: { location: { ...location, liveUntil, updatedAt: liveUntil } } }),
  );
  expect(screen.getByTestId("live-state").textContent).toMatch(/^Ao vivo até \d\d:\d\d · posição das \d\d:\d\d$/);
  again(bubble({ type: 7, body: "", content: { location: { ...location, liveUntil: at(0) } } }));
  expect(screen.getByTestId("live-state").textContent).toBe("Compartilhamento encerrado");
  again(bubble({ type: 7, body: "", content: { location } }));
  expect(screen.getByTestId("live-state").textContent).toBe("Tempo real: último lugar conhecido");
});

test("a contact card opens a chat with its WhatsApp number, in the session that received the card", async () => {
  const sessionId = newId();
  const numbers = [
    { text: "+55 11 98888-7777", whatsAppNumber: "5511988887777" },
    { text: "(11) 3333-4444", whatsAppNumber: null },
  ];
  const contacts = [{ name: "Mãe", organisation: "Padaria", numbers }];
  const chat = aChat();
  answerWith((call) => (call.path === "/v1/chats" && call.method === "POST" ? { body: chat } : undefined));
  show(bubble({ type: 8, body: "Mãe", sessionId, content: { contacts } }));
  const card = screen.getByTestId("contact-card");
  expect(card.textContent).toContain("Mãe");
  expect(card.textContent).toContain("(11) 3333-4444");
  const [write, ...others] = screen.getAllByRole("button", { name: "Conversar" });
  expect(others).toEqual([]);
  if (write) await act(async () => void fireEvent.click(write));
  expect((await called("/v1/chats")).body).toEqual({ sessionId, number: "5511988887777", name: "Mãe" });
});

test("a poll shows its question and options, and that votes are cast on the phone", async () => {
  const poll = { question: "Pizza?", options: ["Sim", "Não"], mostChoices: 1 };
  show(bubble({ type: 9, body: "Pizza?", content: { poll } }));
  expect(screen.getByTestId("poll").textContent).toBe("Pizza?SimNãoUma opção. Vote pelo celular.");
  await inEnglish();
  expect(screen.getByTestId("poll").textContent).toBe("Pizza?SimNãoOne option. Vote on the phone.");
});

test("a poll counts the votes of each option", () => {
  const votes = [
    { from: "client" as const, options: ["Sim"], at: at(1) },
    { from: "company" as const, options: ["Sim", "Não"], at: at(1) },
  ];
  const poll = { question: "Pizza?", options: ["Sim", "Não", "Talvez"], mostChoices: null, votes };
  show(bubble({ type: 9, body: "Pizza?", content: { poll } }));
  expect(screen.getByRole("img", { name: "2 votos" }).closest("li")?.textContent).toBe("Sim2");
  expect(screen.getByRole("img", { name: "1 voto" }).closest("li")?.textContent).toBe("Não1");
});

test("an order shows its items, its total and the note instead of the text", async () => {
  const total = { amount: 45.9, currency: "BRL" };
  const order = { title: "Pedido 12", items: [], itemCount: 2, total, note: "Sem cebola" };
  show(bubble({ body: "Pedido 12\n2 × R$ 45,90\nSem cebola", content: { order } }));
  expect(screen.getByTestId("order").textContent).toBe("PedidoPedido 122 itensTotalR$\u00A045,90Sem cebola");
  expect(screen.queryByTestId("message-body")).toBeNull();
  await inEnglish();
  expect(screen.getByTestId("order").textContent).toBe("OrderPedido 122 itemsTotalR$45.90Sem cebola");
});

const payment = {
  total: { amount: 45.9, currency: "BRL" },
  payee: "Padaria São João",
  pixKey: "12345678909",
  pixKeyType: "CPF",
  pixCode: null,
  status: null,
  note: null,
};

test("a request for payment shows the Pix key and offers to copy it", async () => {
  const copied: string[] = [];
  Object.defineProperty(navigator, "clipboard", {
    configurable: true,
    value: { writeText: async (text: string) => void copied.push(text) },
  });
  show(bubble({ body: "Pix: 12345678909", content: { payment } }));
  expect(screen.getByTestId("payment").textContent).toBe(
    "PixPadaria São JoãoTotalR$\u00A045,90CPF12345678909Mostrar QR code",
  );
  await act(async () => void fireEvent.click(screen.getByRole("button", { name: "Copiar: CPF" })));
  expect(copied).toEqual(["12345678909"]);
  fireEvent.click(screen.getByRole("button", { name: "Mostrar QR code" }));
  expect((await screen.findByAltText("QR code do Pix")).getAttribute("src")).toMatch(/^data:image\/png;base64,/);
});

test("without HTTPS the button to copy selects the Pix key", async () => {
  Object.defineProperty(navigator, "clipboard", { configurable: true, value: undefined });
  show(bubble({ body: "Pix: 12345678909", content: { payment } }));
  await act(async () => void fireEvent.click(screen.getByRole("button", { name: "Copiar: CPF" })));
  expect(getSelection()?.toString()).toBe("12345678909");
});

test("a menu stands below its text", () => {
  const option = (text: string) => ({ text, description: null, url: null });
  show(bubble({ body: "Escolha", content: { menu: { options: [option("Pedidos"), option("Falar com alguém")] } } }));
  expect(screen.getByTestId("message-body").textContent).toBe("Escolha");
  expect(screen.getByTestId("menu").textContent).toBe("PedidosFalar com alguém");
});

test("a message shows that it was forwarded, the ad that began the chat and when it disappears", () => {
  const ad = { title: "Promoção", description: "Só hoje", url: "https://fb.me/abc" };
  show(bubble({ body: "oi", context: { forwarded: "often", ad, expiresAt: at(60) } }));
  const { textContent } = screen.getByTestId("message");
  expect(textContent).toContain("Encaminhada muitas vezes");
  expect(screen.getByTestId("ad").textContent).toContain("PromoçãoSó hojehttps://fb.me/abc");
  expect(screen.getByTestId("expiry").getAttribute("aria-label")).toContain("desaparece em");
});

test("an ad never links to a script", () => {
  show(bubble({ body: "oi", context: { ad: { title: "x", description: null, url: "javascript:alert(1)" } } }));
  expect(screen.getByTestId("ad").querySelector("a")).toBeNull();
});

test("a view-once message says so instead of showing a picture", () => {
  show(bubble({ type: 1, body: "", context: { isViewOnce: true } }));
  expect(screen.getByTestId("message").textContent).toContain("Mensagem de visualização única. Abra no celular.");
});

test("a disappeared message differs from a deleted one", () => {
  show(bubble({ body: "", context: { expiresAt: at(5) }, revokedAt: at(5) }));
  expect(screen.getByTestId("message").textContent).toContain("Esta mensagem desapareceu");
});

test.each([
  ["a Lottie sticker", 6, "application/was", "Figurinha.was"],
  ["a HEIC photo that the server cannot convert", 1, "image/heic", "Imagem.heic"],
])("%s is offered as a download", async (_what, type, mimeType, name) => {
  const media = { id: newId(), mimeType, fileName: null, size: 1_000 };
  show(bubble({ type: type as Message["type"], body: "", media }));
  expect(await screen.findByRole("button", { name: "Baixar" })).toBeTruthy();
  const message = screen.getByTestId("message");
  expect(message.querySelector("img")).toBeNull();
  expect(message.textContent).toContain(name);
});

test("WhatsApp's copy of a quoted message cannot be clicked", () => {
  show(bubble({ body: "esse", quoted: { id: null, direction: 0, type: 0, body: "Qual deles?" } }));
  const quote = screen.getByTestId("quote");
  expect(quote.textContent).toContain("Qual deles?");
  expect(quote.tagName).toBe("DIV");
});

test("a mention shows the number of the person", () => {
  const mentions = [{ text: "88123456789012", number: "5511988887777" }];
  show(bubble({ body: "oi @88123456789012!", context: { mentions } }));
  expect(screen.getByTestId("message-body").textContent).toBe("oi @+55 11 98888-7777!");
});

test.each([
  ["👩‍👩‍👧‍👦", true],
  [" 🇧🇷❤️‍🔥1️⃣ ", true],
  ["👍👍👍👍", false],
  ["👍 ok", false],
  ["123", false],
])("of %j, only a text of up to three emoji is large", (body, isLarge) => {
  show(bubble({ body }));
  expect(screen.getByTestId("message-body").className.includes("text-4xl")).toBe(isLarge);
});

test("a call is shown as a notice between the bubbles", async () => {
  show(bubble({ type: 10, body: "", content: { call: { isVideo: true } } }));
  expect(screen.getByTestId("message").textContent).toContain("Ligação de vídeo no celular");
  await inEnglish();
  expect(screen.getByTestId("message").textContent).toContain("Video call on the phone");
});

test("a voice message is not downloaded before the user presses play", async () => {
  const media = { id: newId(), mimeType: "audio/ogg", fileName: null, size: 9_000 };
  const path = `/v1/media/${media.id}/link`;
  answerWith((call) =>
    call.path === path ? { body: { url: "/v1/media/x/content?link=y", expiresAt: at(9) } } : undefined,
  );
  show(bubble({ type: 4, body: "", media }));
  expect(calls).toEqual([]);
  await act(async () => void fireEvent.click(screen.getByRole("button", { name: "Ouvir" })));
  await called(path);
  await expect.poll(() => document.querySelector("audio")?.getAttribute("src")).toBe("/v1/media/x/content?link=y");
});

const missing = (state: MissingMedia["state"]): MissingMedia => ({
  state,
  reason: "in English",
  mimeType: "image/png",
  fileName: "foto.png",
  size: null,
  limit: null,
});

test("a pending file is shown as such, and an unavailable file can be requested again", async () => {
  const message = aMessage({ type: 1, body: "", missingMedia: missing("pending") });
  const rerender = show(<MessageBubble message={message} isFirstOfGroup onResend={() => undefined} />);
  expect(screen.getByRole("status").textContent).toBe("O arquivo ainda está chegando…");
  expect(screen.queryByRole("button", { name: "Tentar de novo" })).toBeNull();
  const failed = { ...message, missingMedia: missing("unavailable") };
  rerender(<MessageBubble message={failed} isFirstOfGroup onResend={() => undefined} />);
  const path = `/v1/messages/${message.id}/media/retry`;
  answerWith((call) => (call.path === path ? { status: 202, body: message } : undefined));
  await act(async () => void fireEvent.click(screen.getByRole("button", { name: "Tentar de novo" })));
  expect((await called(path)).method).toBe("POST");
});

test("a received file replaces the missing-file notice, and an update of an older server keeps the file", () => {
  const message = aMessage({
    type: 1,
    missingMedia: missing("pending"),
    content: { poll: { question: "?", options: [], mostChoices: null } },
  });
  const empty: MessageList = { items: [], next: null, early: [] };
  const list = withMessages(empty, { items: [message], next: null });
  const fields = {
    Id: message.id,
    Chat_Id: message.chatId,
    Body: "oi",
    Edited_At: null,
    Revoked_At: null,
    timestamp: at(2),
  };
  const file = { Id: newId(), Mime_Type: "image/png", File_Name: "foto.png", Size: 3 };
  const received = applyToMessages(
    list,
    message.chatId,
    frame("message_update", 2, {
      ...fields,
      Change: "media",
      Reactions: [],
      Media: file,
      Missing_Media: null,
      Content: null,
    }),
  );
  expect(received.items[0]).toMatchObject({ media: { id: file.Id, fileName: "foto.png" }, version: 2 });
  expect(received.items[0]).not.toHaveProperty("missingMedia");
  const liked = applyToMessages(
    received,
    message.chatId,
    frame("message_update", 3, { ...fields, Change: "reaction", Reactions: [{ Emoji: "👍", From: "client" }] }),
  );
  expect(liked.items[0]).toMatchObject({ media: { id: file.Id }, reactions: [{ Emoji: "👍" }] });
});
