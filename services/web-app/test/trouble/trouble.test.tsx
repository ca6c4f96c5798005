import { createRealtimeClient } from "@syszap/client";
import { RealtimeProvider } from "@syszap/client-react";
import { onlineManager } from "@tanstack/react-query";
import { fireEvent, screen, within } from "@testing-library/react";
import { expect, onTestFinished, test, vi } from "vitest";
import { ChatList } from "../../src/components/inbox/chat-list.tsx";
import { SessionCard } from "../../src/components/sessions/session-card.tsx";
import { ConnectionBadge, ConnectionBanner } from "../../src/components/shell/connection-badge.tsx";
import { Boundary } from "../../src/components/ui/boundary.tsx";
import { aChat, aClient, newId } from "../support/builders.ts";
import { aSession, preparePage } from "../support/page.tsx";

const { show, answerWith, calls } = preparePage();

/** A client whose first ticket requests fail; later ones get no answer. */
function clientWithFailures(failures: number) {
  const requests = { count: 0 };
  const client = createRealtimeClient({
    url: "ws://127.0.0.1:1/ws",
    webSocket: class {} as never,
    random: () => 0,
    getTicket: () => {
      requests.count += 1;
      return requests.count <= failures ? Promise.reject(new Error("down")) : new Promise(() => undefined);
    },
  });
  onTestFinished(() => client.disconnect());
  return { client, requests };
}

test("after three failed attempts the page says that the server is unreachable and connects at once on request", async () => {
  const { client, requests } = clientWithFailures(3);
  show(
    <RealtimeProvider client={client} identity={{ companyId: newId(), userId: newId() }}>
      <ConnectionBadge />
      <ConnectionBanner />
    </RealtimeProvider>,
  );
  const banner = await screen.findByTestId("connection-banner");
  expect(banner.textContent).toContain("Sem conexão com o servidor. O que já foi carregado continua aqui");
  expect(screen.getByRole("status").textContent).toBe("Sem conexão com o servidor");
  await expect.poll(() => requests.count).toBe(4); // waits for the answer
  const retry = within(banner).getByRole("button", { name: "Tentar de novo" });
  fireEvent.click(retry);
  expect(requests.count).toBe(5);
  expect(retry.textContent).toBe("Tentando…");
});

test("two failed attempts are no reason for a warning", async () => {
  const { client, requests } = clientWithFailures(2);
  show(
    <RealtimeProvider client={client} identity={{ companyId: newId(), userId: newId() }}>
      <ConnectionBanner />
    </RealtimeProvider>,
  );
  await expect.poll(() => requests.count).toBe(3);
  expect(screen.queryByTestId("connection-banner")).toBeNull();
});

test("a list that cannot be read explains why and reads again at once on request, also without a network", async () => {
  onlineManager.setOnline(false);
  onTestFinished(() => onlineManager.setOnline(true));
  const chat = aChat({ client: aClient({ name: "Marta" }) });
  const state = { requests: 0, isDown: true };
  answerWith(({ path }) => {
    if (!path.startsWith("/v1/chats?")) return undefined;
    state.requests += 1;
    if (!state.isDown) return { body: { items: [chat], next: null } };
    return { status: 503, headers: state.requests < 3 ? {} : { "Retry-After": "3600" } };
  });
  show(<ChatList openChatId={undefined} />);
  expect((await screen.findByRole("alert")).textContent).toContain("Uma parte do serviço não responde.");
  expect(state.requests).toBe(3);
  state.isDown = false;
  fireEvent.click(screen.getByRole("button", { name: "Tentar de novo" }));
  expect(await screen.findByText("Marta")).toBeDefined();
});

test("a part of the page that fails leaves the others, is rendered again on request, and then asks for a reload", () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => void vi.restoreAllMocks());
  const state = { isBroken: true };
  const Part = () => {
    if (state.isBroken) throw new Error("a bug");
    return <p>the list</p>;
  };
  const page = (shown: string) => (
    <>
      <p>another part</p>
      <Boundary shown={shown}>
        <Part />
      </Boundary>
    </>
  );
  const showAgain = show(page("first"));
  expect(screen.getByRole("alert").textContent).toContain("Esta parte da página falhou");
  expect(screen.getByText("another part")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Tentar de novo" }));
  expect(screen.getByRole("button").textContent).toBe("Recarregar a página");
  state.isBroken = false;
  showAgain(page("second"));
  expect(screen.getByText("the list")).toBeDefined();
});

test("disconnecting a live number asks first and names the consequences", async () => {
  const session = aSession({ status: "connected", detail: "connected", phoneNumber: "5511987654321" });
  const path = `/v1/sessions/${session.id}/disconnect`;
  const isRequested = () => calls.some((call) => call.path === path);
  answerWith((call) => (call.path === path ? { status: 202, body: session } : undefined));
  show(<SessionCard session={session} mayManage onConnect={() => undefined} />);
  fireEvent.click(screen.getByTestId("session-disconnect"));
  expect(screen.getByTestId("confirm").textContent).toContain("As respostas escritas ficam na fila");
  fireEvent.click(screen.getByRole("button", { name: "Cancelar" }));
  expect(isRequested()).toBe(false);
  fireEvent.click(screen.getByTestId("session-disconnect"));
  fireEvent.click(screen.getByTestId("confirm-action"));
  await expect.poll(isRequested).toBe(true);
});
