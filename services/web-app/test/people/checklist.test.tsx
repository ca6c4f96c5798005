import type { Chat, Session, UserEntry } from "@syszap/contracts";
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { MeContext } from "../../src/page/me.ts";
import { MessagesPage } from "../../src/pages/messages-page.tsx";
import { aChat, at, newId } from "../support/builders.ts";
import { aSession, preparePage } from "../support/page.tsx";
import { aPerson } from "../support/people.ts";

const { show, calls, answerWith, me } = preparePage();

interface Data {
  people: UserEntry[];
  sessions: Session[];
  chats: Chat[];
}
const answered = aChat({ lastMessage: { id: newId(), direction: 1, type: 0, body: "oi", timestamp: at(0) } });
const complete: Data = {
  people: [aPerson(), aPerson()],
  sessions: [aSession({ phoneNumber: "5511987654321" })],
  chats: [answered],
};

function showInbox(data: Partial<Data>, as = me) {
  const { people, sessions, chats } = { people: [aPerson()], sessions: [], chats: [], ...data };
  answerWith(({ path }) => {
    if (path.startsWith("/v1/users")) return { body: { items: people, next: null } };
    if (path === "/v1/sessions") return { body: { items: sessions } };
    return { body: { items: chats, next: null } };
  });
  show(
    <MeContext value={as}>
      <MessagesPage />
    </MeContext>,
  );
}
const isDone = async (step: string) => (await screen.findByTestId(`checklist-${step}`)).dataset.done;

test("a new company sees the steps that its data does not show as done", async () => {
  showInbox({ people: complete.people });
  expect(await isDone("people")).toBe("true");
  expect(await isDone("number")).toBe("false");
  expect(await isDone("message")).toBe("false");
});

test("the checklist ends when everything is done", async () => {
  showInbox(complete);
  expect(await screen.findByText("Escolha uma conversa")).toBeDefined();
  expect(screen.queryByTestId("checklist")).toBeNull();
});

test("a step that was done stays done when a customer answers", async () => {
  showInbox({ chats: [answered] });
  expect(await isDone("message")).toBe("true");
  cleanup();
  const lastMessage = { id: newId(), direction: 0, type: 0, body: "obrigada", timestamp: at(1) } as const;
  showInbox({ chats: [{ ...answered, lastMessage }] });
  expect(await isDone("people")).toBe("false");
  expect(await isDone("message")).toBe("true");
});

test("a dismissed checklist stays away on this device", async () => {
  showInbox({});
  fireEvent.click(await screen.findByTestId("checklist-dismiss"));
  expect(screen.queryByTestId("checklist")).toBeNull();
  expect(localStorage.getItem(`syszap.checklist.${me.userId}`)).toBe("1");
});

test("agents have no checklist, and their page does not read the people for it", async () => {
  showInbox({}, { ...me, role: "agent" });
  expect(await screen.findByText("Escolha uma conversa")).toBeDefined();
  expect(calls.some(({ path }) => path.startsWith("/v1/users"))).toBe(false);
});
