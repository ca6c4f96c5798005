import { proxyFailures } from "@syszap/contracts/constants";
import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { SessionCard } from "../../src/components/sessions/session-card.tsx";
import { pagesEn } from "../../src/i18n/locales/pages-en.ts";
import { pagesPtBr } from "../../src/i18n/locales/pages-pt-br.ts";
import { aSession, preparePage } from "../support/page.tsx";

const { show, calls, answerWith } = preparePage();
const session = aSession({ engine: "wppconnect" });
const path = `/v1/sessions/${session.id}/proxy`;
const proxy = { scheme: "socks5", host: "proxy.example.com", port: 1080, hasCredentials: true };
const type = (testId: string, value: string) => fireEvent.change(screen.getByTestId(testId), { target: { value } });
const sent = async (method: string, to = path) => {
  await expect.poll(() => calls.some((call) => call.method === method && call.path === to)).toBe(true);
  return calls.find((call) => call.method === method && call.path === to)?.body;
};

/** Opens the dialog of a session with this proxy. */
async function open(current: typeof proxy | null, tested: object = { failure: null, durationMs: 120 }) {
  answerWith(({ method, path: called }) => {
    if (called === path && method === "GET") return { body: { sessionId: session.id, proxy: current } };
    if (called === path && method === "PUT") return { body: { sessionId: session.id, proxy } };
    if (called === path) return { status: 204, body: {} };
    return called === `${path}/test` ? { body: tested } : undefined;
  });
  show(<SessionCard session={session} mayManage onConnect={() => undefined} />);
  fireEvent.click(screen.getByTestId("session-proxy"));
  await screen.findByText(current ? /SOCKS5 proxy.example.com:1080/ : pagesPtBr.linking.proxy.none);
}

test("saves a proxy with its credentials, and does not keep them in the form", async () => {
  await open(null);
  type("proxy-scheme", "socks5");
  type("proxy-host", " proxy.example.com ");
  type("proxy-port", "1080");
  type("proxy-username", "loja");
  type("proxy-password", "segredo");
  fireEvent.click(screen.getByTestId("proxy-save"));
  const credentials = { username: "loja", password: "segredo" };
  expect(await sent("PUT")).toEqual({ scheme: "socks5", host: "proxy.example.com", port: 1080, credentials });
  expect((await screen.findByTestId("proxy-current")).textContent).toContain("com usuário e senha");
  expect((screen.getByTestId("proxy-password") as HTMLInputElement).value).toBe("");
});

test("shows why the proxy cannot be read, instead of an empty form", async () => {
  answerWith(({ path: called }) => (called === path ? { status: 403, body: {} } : undefined));
  show(<SessionCard session={session} mayManage onConnect={() => undefined} />);
  fireEvent.click(screen.getByTestId("session-proxy"));
  await screen.findByRole("alert");
  expect(screen.queryByTestId("proxy-host")).toBeNull();
  expect((screen.getByTestId("proxy-save") as HTMLButtonElement).disabled).toBe(true);
});

test("says whether the proxy works, or why not", async () => {
  await open(proxy, { failure: "login_refused", durationMs: 30 });
  fireEvent.click(screen.getByTestId("proxy-test"));
  expect((await screen.findByTestId("proxy-result")).textContent).toBe(pagesPtBr.linking.proxy.failure.login_refused);
});

test("removes the proxy", async () => {
  await open(proxy);
  fireEvent.click(screen.getByTestId("proxy-remove"));
  await sent("DELETE");
});

test("a simulated session and a user who may not manage have no proxy", () => {
  const update = show(<SessionCard session={aSession()} mayManage onConnect={() => undefined} />);
  expect(screen.queryByTestId("session-proxy")).toBeNull();
  update(<SessionCard session={session} mayManage={false} onConnect={() => undefined} />);
  expect(screen.queryByTestId("session-proxy")).toBeNull();
});

test("every failure has a sentence in both languages", () => {
  for (const { linking } of [pagesPtBr, pagesEn])
    for (const failure of proxyFailures) expect(linking.proxy.failure[failure]).toMatch(/\.$/);
});
