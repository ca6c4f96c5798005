import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import i18next from "i18next";
import { beforeEach, expect, test } from "vitest";
import { CustomerContext } from "../../src/components/inbox/authors/use-author.ts";
import { Composer } from "../../src/components/inbox/composer/composer.tsx";
import { MessageBubble } from "../../src/components/inbox/message-bubble.tsx";
import { composerModes, drafts, outgoing, pendingChanges } from "../../src/page/state.ts";
import { aMessage } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { answerWith, called, show } = preparePage();
beforeEach(() => {
  outgoing.clear();
  pendingChanges.clear();
  composerModes.clear();
  drafts.clear();
});
const now = () => new Date().toISOString();
const bubbleOf = (message: ReturnType<typeof aMessage>) => (
  <MessageBubble message={message} isFirstOfGroup onResend={() => undefined} />
);
const openActions = () => fireEvent.click(screen.getByRole("button", { name: "Ações da mensagem" }));

test("a reply shows its quoted message above the field and names it in the request; Escape cancels the reply", async () => {
  const message = aMessage({ body: "tem bolo?" });
  const path = `/v1/chats/${message.chatId}/messages`;
  show(
    <CustomerContext value="Marta">
      {bubbleOf(message)}
      <Composer chatId={message.chatId} />
    </CustomerContext>,
  );
  openActions();
  fireEvent.click(screen.getByTestId("action-reply"));
  expect(screen.getByTestId("composer-purpose").textContent).toMatch(/Marta.*tem bolo\?/);
  fireEvent.keyDown(screen.getByTestId("composer"), { key: "Escape" });
  expect(screen.queryByTestId("composer-purpose")).toBeNull();
  openActions();
  fireEvent.click(screen.getByTestId("action-reply"));
  answerWith((call) => (call.path === path ? { status: 202, body: aMessage({ chatId: message.chatId }) } : undefined));
  fireEvent.change(screen.getByTestId("composer"), { target: { value: "tem" } });
  fireEvent.keyDown(screen.getByTestId("composer"), { key: "Enter" });
  expect((await called(path)).body).toEqual({ body: "tem", replyTo: message.id });
});

test("an edit starts with the message's text, keeps the draft, and is shown as pending until its event arrives", async () => {
  const message = aMessage({ direction: 1, status: "read", body: "às 10h", timestamp: now() });
  const path = `/v1/chats/${message.chatId}/messages`;
  show(
    <>
      {bubbleOf(message)}
      <Composer chatId={message.chatId} />
    </>,
  );
  const field = screen.getByTestId<HTMLTextAreaElement>("composer");
  fireEvent.change(field, { target: { value: "um rascunho" } });
  openActions();
  fireEvent.click(screen.getByTestId("action-edit"));
  expect(field.value).toBe("às 10h");
  expect(screen.getByTestId<HTMLButtonElement>("composer-send").disabled).toBe(true);
  answerWith((call) => (call.path === path ? { status: 202, body: aMessage({ status: "queued" }) } : undefined));
  fireEvent.change(field, { target: { value: "às 11h" } });
  fireEvent.click(screen.getByTestId("composer-send"));
  expect((await called(path)).body).toEqual({ edit: { messageId: message.id, body: "às 11h" } });
  expect(field.value).toBe("um rascunho");
  expect(screen.getByTestId("message-body").textContent).toBe("às 10h");
  expect(screen.getByTestId("change-pending").textContent).toBe("Salvando a alteração…");
  act(() =>
    pendingChanges.onMessageUpdate({
      Id: message.id,
      Chat_Id: message.chatId,
      Change: "edited",
      Body: "às 11h",
      Edited_At: now(),
      Revoked_At: null,
      Reactions: [],
      timestamp: now(),
    }),
  );
  expect(screen.queryByTestId("change-pending")).toBeNull();
});

test("a change that WhatsApp refuses is explained in the user's language and can be retried or discarded", async () => {
  const message = aMessage({ direction: 1, status: "sent", timestamp: now() });
  const path = `/v1/chats/${message.chatId}/messages`;
  answerWith((call) => (call.path === path ? { status: 202, body: aMessage({ status: "queued" }) } : undefined));
  show(bubbleOf(message));
  openActions();
  fireEvent.click(screen.getByTestId("action-delete"));
  fireEvent.click(screen.getByTestId("confirm-action"));
  expect((await called(path)).body).toEqual({ delete: { messageId: message.id } });
  act(() =>
    pendingChanges.onMessageStatus({
      Id: message.id,
      Chat_Id: message.chatId,
      Status: "failed",
      Reason: "delete_too_late",
      timestamp: now(),
      Changes: { Message_Id: message.id, Change: "delete" },
    }),
  );
  const failure = screen.getByRole("alert");
  expect(failure.textContent).toContain("o WhatsApp só permite apagar para todos por cerca de dois dias.");
  await act(() => i18next.changeLanguage("en"));
  expect(failure.textContent).toContain(
    "Not deleted: WhatsApp only allows deleting for everyone within about two days.",
  );
  fireEvent.click(within(failure).getByText("Discard"));
  expect(screen.queryByRole("alert")).toBeNull();
});

test("choosing one's own reaction again removes it", async () => {
  const message = aMessage({ reactions: [{ Emoji: "❤️", From: "company" }] });
  const path = `/v1/chats/${message.chatId}/messages`;
  answerWith((call) => (call.path === path ? { status: 202, body: aMessage({ status: "queued" }) } : undefined));
  show(bubbleOf(message));
  openActions();
  fireEvent.click(screen.getByRole("menuitem", { name: "Retirar a reação ❤️" }));
  expect((await called(path)).body).toEqual({ reaction: { messageId: message.id, emoji: "" } });
});

test("the menu of a message works by keyboard and offers only the actions that WhatsApp allows", () => {
  show(bubbleOf(aMessage({ direction: 1, status: "read", timestamp: new Date(Date.now() - 3_600_000).toISOString() })));
  openActions();
  const items = screen.getAllByRole("menuitem");
  expect(document.activeElement).toBe(items[0]);
  fireEvent.keyDown(items[0] as HTMLElement, { key: "ArrowUp" });
  expect(document.activeElement).toBe(items.at(-1));
  expect(screen.queryByTestId("action-edit")).toBeNull();
  expect(screen.getByTestId("action-delete")).toBeDefined();
  fireEvent.keyDown(items.at(-1) as HTMLElement, { key: "Escape" });
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Ações da mensagem" }));
});

test("an attached file is shown before it is sent, is sent with its caption, and can be removed", async () => {
  const chatId = aMessage().chatId;
  show(<Composer chatId={chatId} />);
  const choose = (name: string) =>
    fireEvent.change(screen.getByTestId("composer-attach"), {
      target: { files: [new File(["%PDF"], name, { type: "application/pdf" })] },
    });
  choose("errado.pdf");
  expect(screen.getByTestId("composer-file").textContent).toContain("errado.pdf");
  fireEvent.click(screen.getByRole("button", { name: "Remover errado.pdf" }));
  expect(screen.queryByTestId("composer-file")).toBeNull();
  choose("cardápio.pdf");
  fireEvent.change(screen.getByTestId("composer"), { target: { value: "o cardápio" } });
  fireEvent.click(screen.getByTestId("composer-send"));
  await waitFor(() => expect(screen.queryByTestId("composer-file")).toBeNull());
  expect(outgoing.store.get()).toMatchObject([{ chatId, body: "o cardápio", file: { name: "cardápio.pdf" } }]);
});

test("a failed message shows a translated reason in each language", async () => {
  show(bubbleOf(aMessage({ direction: 1, status: "failed", failureReason: "no_whatsapp" })));
  expect(screen.getByRole("alert").textContent).toContain("Não enviada: este número não tem WhatsApp.");
  await act(() => i18next.changeLanguage("en"));
  expect(screen.getByRole("alert").textContent).toContain("Not sent: this number has no WhatsApp.");
});

test("a reply shows its quoted message even if that message is not loaded", () => {
  const quoted = { id: aMessage().id, direction: 0, type: 1, body: "" } as const;
  show(bubbleOf(aMessage({ direction: 1, status: "sent", body: "lindo!", quoted })));
  expect(screen.getByTestId("quote").textContent).toContain("Imagem");
});
