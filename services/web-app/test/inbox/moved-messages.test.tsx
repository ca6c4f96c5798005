import { act, screen } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { expect, test } from "vitest";
import { followEvents } from "../../src/live/apply-events.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { MessagesPage } from "../../src/pages/messages-page.tsx";
import { aChat, aClient, aMessage, at, frame } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, answerWith } = preparePage();

const page = (
  <Routes>
    <Route path="/messages/:chatId" element={<MessagesPage />} />
  </Routes>
);

test("an open chat whose messages move to another client reads its messages and the list again", async () => {
  const [ana, bia] = [aChat({ client: aClient({ name: "Ana" }) }), aChat({ client: aClient({ name: "Bia" }) })];
  const kept = aMessage({ chatId: ana.id, body: "fica com a Ana", timestamp: at(1) });
  const moved = aMessage({ chatId: ana.id, body: "passa para a Bia", timestamp: at(2) });
  const state = { isSplit: false };
  answerWith(({ path }) => {
    if (path.startsWith("/v1/chats?")) return { body: { items: state.isSplit ? [ana, bia] : [ana], next: null } };
    if (path.startsWith(`/v1/chats/${ana.id}/messages`))
      return { body: { items: state.isSplit ? [kept] : [moved, kept], next: null } };
    if (path === "/v1/sessions") return { body: { items: [] } };
    return undefined;
  });
  let emit: ((event: ReturnType<typeof frame>) => void) | undefined;
  const stop = followEvents(queryClient, {
    on: () => () => undefined,
    onDurable: (listener) => {
      emit = listener as typeof emit;
      return () => undefined;
    },
  });
  show(page, `/messages/${ana.id}`);
  await screen.findByText("passa para a Bia");
  state.isSplit = true;
  await act(async () =>
    emit?.(
      frame("chat_update", 9, {
        Id: ana.id,
        Client_Id: ana.client.id,
        Session_Id: ana.sessionId,
        WA_Chat_Id: ana.waChatId,
        Unread_Count: 0,
        Last_Message: null,
        Messages_Moved: true,
        timestamp: at(5),
      }),
    ),
  );
  await expect.poll(() => screen.queryByText("passa para a Bia")).toBeNull();
  await screen.findByText("fica com a Ana");
  await expect.poll(() => screen.getAllByTestId("chat-item").length).toBe(2);
  stop();
});
