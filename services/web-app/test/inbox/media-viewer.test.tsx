import type { Message } from "@syszap/contracts";
import { act, fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { MessageBubble } from "../../src/components/inbox/message-bubble.tsx";
import { ViewerHost } from "../../src/components/inbox/viewer/viewer-host.tsx";
import { queryKeys } from "../../src/live/query-client.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { aMessage, at, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, answerWith, calls } = preparePage();
const chatId = newId();

const aPhoto = (minute: number, overrides: Partial<Message> = {}): Message =>
  aMessage({
    chatId,
    type: 1,
    body: `foto ${minute}`,
    timestamp: at(minute),
    sourceOrder: String(minute),
    media: { id: newId(), mimeType: "image/png", fileName: `foto-${minute}.png`, size: 1_000 },
    ...overrides,
  });

/** Shows the messages of a chat. `older`: what the server answers when earlier messages are read. */
function showChat(messages: Message[], older: Message[] = []) {
  answerWith(({ path }) => {
    if (path.startsWith("/v1/media/")) return { body: {} };
    return path.startsWith(`/v1/chats/${chatId}/messages?before=`) ? { body: { items: older, next: null } } : undefined;
  });
  queryClient.setQueryData(queryKeys.messages(chatId), {
    items: messages,
    next: older.length > 0 ? "older" : null,
    early: [],
  });
  show(
    <ViewerHost chatId={chatId}>
      {messages.map((message) => (
        <MessageBubble key={message.id} message={message} isFirstOfGroup onResend={() => undefined} />
      ))}
    </ViewerHost>,
  );
}
const open = async (index: number) => {
  const picture = (await screen.findAllByRole("button", { name: "Abrir a imagem" }))[index];
  picture?.focus();
  if (picture) fireEvent.click(picture);
  const dialog = await screen.findByRole("dialog", { name: "Fotos e vídeos da conversa" });
  return { picture, dialog, viewer: within(dialog) };
};

test("the viewer shows the photos of a chat one by one, by buttons and arrow keys, and returns the focus", async () => {
  const [first, second] = [aPhoto(1), aPhoto(3)];
  showChat([first, aMessage({ chatId, body: "um texto" }), second]);
  const { picture, dialog, viewer } = await open(0);
  expect(await viewer.findByRole("img", { name: "foto-1.png" })).toBeDefined();
  expect(viewer.getByRole("status").textContent).toBe("1 de 2");
  expect(viewer.getByRole<HTMLButtonElement>("button", { name: "Anterior" }).disabled).toBe(true);
  fireEvent.click(viewer.getByRole("button", { name: "Próxima" }));
  expect(await viewer.findByRole("img", { name: "foto-3.png" })).toBeDefined();
  expect(viewer.getByText("foto 3")).toBeDefined();
  fireEvent.keyDown(dialog, { key: "ArrowLeft" });
  expect(await viewer.findByRole("img", { name: "foto-1.png" })).toBeDefined();
  fireEvent.click(viewer.getByRole("button", { name: "Fechar" }));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(document.activeElement).toBe(picture);
});

test("the keys + and − change the size, and the next photo starts in its own size", async () => {
  showChat([aPhoto(1), aPhoto(2)]);
  const { dialog, viewer } = await open(0);
  const widthOf = async (name: string) => (await viewer.findByRole("img", { name })).style.width;
  const zoomOut = viewer.getByRole<HTMLButtonElement>("button", { name: "Reduzir" });
  expect(zoomOut.disabled).toBe(true);
  fireEvent.keyDown(dialog, { key: "+" });
  expect(await widthOf("foto-1.png")).toBe("150%");
  fireEvent.click(viewer.getByRole("button", { name: "Ampliar" }));
  expect(await widthOf("foto-1.png")).toBe("225%");
  fireEvent.click(zoomOut);
  expect(await widthOf("foto-1.png")).toBe("150%");
  fireEvent.click(viewer.getByRole("button", { name: "Próxima" }));
  expect(await widthOf("foto-2.png")).toBe("");
});

test("going back from the first photo that is loaded reads older messages", async () => {
  showChat([aPhoto(5)], [aPhoto(1)]);
  const { viewer } = await open(0);
  expect(calls.some(({ path }) => path.includes("before="))).toBe(false);
  fireEvent.click(viewer.getByRole("button", { name: "Anterior" }));
  expect(await viewer.findByRole("img", { name: "foto-1.png" })).toBeDefined();
  expect(viewer.getByRole("status").textContent).toBe("1 de 2");
});

test("a photo that is deleted while it is shown closes the viewer", async () => {
  const photo = aPhoto(1);
  showChat([photo]);
  await open(0);
  act(() =>
    queryClient.setQueryData(queryKeys.messages(chatId), {
      items: [{ ...photo, revokedAt: at(2), media: null }],
      next: null,
      early: [],
    }),
  );
  await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
});

test("a HEIC photo is shown by its thumbnail, and its original is never loaded", async () => {
  const media = { id: newId(), mimeType: "image/heic", fileName: "IMG_1.HEIC", size: 1_000 };
  showChat([aPhoto(1, { media })]);
  const { viewer } = await open(0);
  expect((await viewer.findByRole("img", { name: "IMG_1.HEIC" })).getAttribute("src")).toMatch(/^blob:/);
  expect(calls.map(({ path }) => path).filter((path) => path.includes(media.id))).toEqual([
    `/v1/media/${media.id}/thumbnail`,
  ]);
});
