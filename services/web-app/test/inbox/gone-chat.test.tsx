import { act, screen } from "@testing-library/react";
import { Route, Routes, useLocation } from "react-router";
import { Toaster } from "sonner";
import { expect, test } from "vitest";
import { refetch } from "../../src/live/apply-events.ts";
import { queryKeys } from "../../src/live/query-client.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { MessagesPage } from "../../src/pages/messages-page.tsx";
import { aChat, aMessage } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, answerWith, me } = preparePage();

const Address = () => <output data-testid="address">{useLocation().pathname}</output>;
const page = (
  <>
    <Address />
    <Toaster />
    <Routes>
      <Route path="/messages" element={<MessagesPage />} />
      <Route path="/messages/:chatId" element={<MessagesPage />} />
    </Routes>
  </>
);

test("a page that reads its data again leaves a chat that it may no longer see, and says why", async () => {
  const chat = aChat();
  const state = { isVisible: true };
  answerWith(({ path }) => {
    if (path.startsWith("/v1/chats?")) return { body: { items: state.isVisible ? [chat] : [], next: null } };
    if (path === "/v1/sessions") return { body: { items: [] } };
    if (path === `/v1/chats/${chat.id}/messages?limit=50` && state.isVisible)
      return { body: { items: [aMessage({ chatId: chat.id, body: "segredo" })], next: null } };
    return undefined;
  });
  localStorage.setItem(`syszap.checklist.${me.userId}`, "1");
  show(page, `/messages/${chat.id}`);
  await screen.findByText("segredo");
  state.isVisible = false;
  act(() => refetch(queryClient));
  expect(await screen.findByText("Esta conversa não está mais visível para você")).toBeDefined();
  await expect.poll(() => screen.getByTestId("address").textContent).toBe("/messages");
  expect(screen.queryByText("segredo")).toBeNull();
  expect(queryClient.getQueryData(queryKeys.messages(chat.id))).toBeUndefined();
});

test("the address of a chat that was never visible says that it was not found", async () => {
  answerWith(({ path }) => (path.startsWith("/v1/chats?") ? { body: { items: [], next: null } } : undefined));
  show(page, `/messages/${aChat().id}`);
  expect(await screen.findByText("Conversa não encontrada")).toBeDefined();
  expect(screen.getByTestId("address").textContent).not.toBe("/messages");
});
