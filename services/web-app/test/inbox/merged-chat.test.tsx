import { act, screen } from "@testing-library/react";
import { Route, Routes, useLocation } from "react-router";
import { expect, test } from "vitest";
import { followEvents } from "../../src/live/apply-events.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { MessagesPage } from "../../src/pages/messages-page.tsx";
import { aChat, at, frame } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, answerWith } = preparePage();

function Address() {
  return <output data-testid="address">{useLocation().pathname}</output>;
}
const page = (
  <>
    <Address />
    <Routes>
      <Route path="/messages/:chatId" element={<MessagesPage />} />
    </Routes>
  </>
);

/** A server on which `gone` is merged into `kept`, or not yet merged while `isMerged` is false. */
function merging() {
  const [gone, kept] = [aChat(), aChat()];
  const state = { isMerged: true };
  answerWith(({ path }) => {
    if (path.startsWith("/v1/chats?")) return { body: { items: state.isMerged ? [kept] : [gone, kept], next: null } };
    if (path === `/v1/chats/${gone.id}`) return { body: state.isMerged ? kept : gone };
    if (path.startsWith(`/v1/chats/${kept.id}/messages`)) return { body: { items: [], next: null } };
    if (path === "/v1/sessions") return { body: { items: [] } };
    return undefined;
  });
  return { gone, kept, state };
}
const redirectedTo = async (chatId: string) =>
  expect.poll(() => screen.getByTestId("address").textContent).toBe(`/messages/${chatId}`);

test("the URL of a merged chat redirects to the chat that it was merged into", async () => {
  const { gone, kept } = merging();
  show(page, `/messages/${gone.id}`);
  await redirectedTo(kept.id);
});

test("an open chat that is merged into another one redirects to it", async () => {
  const { gone, kept, state } = merging();
  state.isMerged = false;
  // The page has read the chat before the merge.
  queryClient.setQueryData(["chat", gone.id], gone);
  let emit: ((event: ReturnType<typeof frame>) => void) | undefined;
  const stop = followEvents(queryClient, {
    on: () => () => undefined,
    onDurable: (listener) => {
      emit = listener as typeof emit;
      return () => undefined;
    },
  });
  show(page, `/messages/${gone.id}`);
  expect((await screen.findAllByTestId("chat-item")).length).toBe(2);
  state.isMerged = true;
  await act(async () =>
    emit?.(
      frame("chat_update", 2, {
        Id: gone.id,
        Client_Id: kept.client.id,
        Session_Id: gone.sessionId,
        WA_Chat_Id: gone.waChatId,
        Unread_Count: 0,
        Last_Message: null,
        Merged_Into: kept.id,
        timestamp: at(5),
      }),
    ),
  );
  await redirectedTo(kept.id);
  stop();
});
