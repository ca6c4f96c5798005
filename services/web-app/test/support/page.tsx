import { createRealtimeClient } from "@syszap/client";
import { RealtimeProvider } from "@syszap/client-react";
import type { Me, Session } from "@syszap/contracts";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, configure, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach } from "vitest";
import { loadInboxTexts, loadPageTexts, showLanguage, startTranslations } from "../../src/i18n/index.ts";
import { MeContext } from "../../src/page/me.ts";
import { queryClient } from "../../src/page/query-client.ts";
import { at, newId } from "./builders.ts";

/** Guards against hanging only: generous, because the machine may be slow and busy. */
configure({ asyncUtilTimeout: 60_000 });

interface Call {
  method: string;
  path: string;
  body: unknown;
  headers: Headers;
}
type Answer = (call: Call) => { status?: number; body?: unknown; headers?: Record<string, string> } | undefined;

const me: Me = {
  userId: newId(),
  companyId: newId(),
  companyName: "Padaria Bom Dia",
  name: "Ana",
  email: "ana@bomdia.example",
  role: "owner",
  language: "pt-BR",
  pictureId: null,
};

/** happy-dom has no layout. Lists render what fits into their area, so every element gets a height. */
const areaHeight = 600;
Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => areaHeight });

/** An upload without an answer. */
class PendingUpload extends XMLHttpRequest {
  override send(): void {}
}

/** The page of a signed-in user with a scripted API. The login is always answered, all other requests by the test. */
export function preparePage() {
  const calls: Call[] = [];
  const waiting: { path: string; resolve: (call: Call) => void }[] = [];
  let answer: Answer = () => undefined;
  beforeEach(async () => {
    calls.length = 0;
    answer = () => undefined;
    localStorage.clear();
    queryClient.clear();
    await startTranslations();
    await Promise.all([loadInboxTexts(), loadPageTexts()]);
    // Tests switch to English at once.
    await showLanguage("en");
    await showLanguage("pt-BR");
    globalThis.fetch = (async (path: string, init: RequestInit = {}) => {
      const body = init.body ? JSON.parse(String(init.body)) : undefined;
      const call = { method: init.method ?? "GET", path, body, headers: new Headers(init.headers) };
      calls.push(call);
      for (const wait of waiting.filter((each) => each.path === path)) wait.resolve(call);
      // Before the test's answers: whether a test needs it depends on the tests before it, which share the login.
      if (path === "/v1/auth/refresh") return Response.json({ accessToken: "t", expiresInSeconds: 600, me });
      const scripted = answer(call);
      if (scripted) {
        const { body: answerBody = {}, status = 200, headers = {} } = scripted;
        return Response.json(answerBody, { status, headers });
      }
      return Response.json({ type: "/problems/not-found", status: 404, title: "x" }, { status: 404 });
    }) as typeof fetch;
  });
  globalThis.XMLHttpRequest = PendingUpload;
  afterEach(cleanup);
  const realtime = createRealtimeClient({ url: "ws://127.0.0.1:1/ws", getTicket: () => new Promise(() => undefined) });
  const page = (children: ReactNode, path: string) => (
    <QueryClientProvider client={queryClient}>
      <RealtimeProvider client={realtime} identity={undefined}>
        <MeContext value={me}>
          <MemoryRouter initialEntries={[path]}>{children}</MemoryRouter>
        </MeContext>
      </RealtimeProvider>
    </QueryClientProvider>
  );
  return {
    me,
    calls,
    answerWith: (next: Answer) => {
      answer = next;
    },
    called: (path: string): Promise<Call> => {
      const earlier = calls.find((call) => call.path === path);
      return earlier ? Promise.resolve(earlier) : new Promise((resolve) => waiting.push({ path, resolve }));
    },
    show: (children: ReactNode, path = "/") => {
      const { rerender } = render(page(children, path));
      return (next: ReactNode) => act(() => rerender(page(next, path)));
    },
  };
}

export const aSession = (overrides: Partial<Session> = {}): Session => ({
  id: newId(),
  name: "Vendas",
  engine: "simulator",
  status: "disconnected",
  detail: "stopped",
  reason: null,
  phoneNumber: null,
  groupsEnabled: false,
  version: 1,
  createdAt: at(0),
  updatedAt: at(0),
  ...overrides,
});
