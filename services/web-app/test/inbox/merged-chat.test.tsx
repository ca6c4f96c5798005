// @vitest-environment happy-dom
import { act, screen } from "@testing-library/react";
import { Route, Routes, useLocation } from "react-router";
import { expect, test } from "vitest";
import { followEvents } from "../../src/live/apply-events.ts";
import { queryClient } from "../../src/page/state.ts";
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

/** The server as it is once `gone` is part of `kept`; before, when `isMerged` says so. */
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
const arrivedAt = async (chatId: string) =>
  expect.poll(() => screen.getByTestId("address").textContent, { timeout: 5_000 }).toBe(`/messages/${chatId}`);

test("the address of a chat that became part of another leads to that one", async () => {
  const { gone, kept } = merging();
  show(page, `/messages/${gone.id}`);
  await arrivedAt(kept.id);
});

test("whoever looks at a chat while it becomes part of another goes on in that one", async () => {
  const { gone, kept, state } = merging();
  state.isMerged = false;
  // As read before it was known that they are one.
  queryClient.setQueryData(["chat", gone.id], gone);
  let tell: ((event: ReturnType<typeof frame>) => void) | undefined;
  const stop = followEvents(queryClient, {
    on: () => () => undefined,
    onDurable: (listener) => {
      tell = listener as typeof tell;
      return () => undefined;
    },
  });
  show(page, `/messages/${gone.id}`);
  expect((await screen.findAllByTestId("chat-item")).length).toBe(2);
  state.isMerged = true;
  await act(async () =>
    tell?.(
      frame("chat_update", 2, {
        ...{ Id: gone.id, Client_Id: kept.client.id, Session_Id: gone.sessionId, WA_Chat_Id: gone.waChatId },
        ...{ Unread_Count: 0, Last_Message: null, Merged_Into: kept.id, timestamp: at(5) },
      }),
    ),
  );
  await arrivedAt(kept.id);
  stop();
});
