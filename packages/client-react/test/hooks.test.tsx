// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import { StrictMode, useEffect, useState } from "react";
import { afterEach, expect, test } from "vitest";
import { RealtimeProvider, useConnectionState, useEvent, useWebSocket } from "../src/index.ts";
import { scriptedClient } from "./scripted-client.ts";

afterEach(cleanup);
const identity = { companyId: "acme", userId: "ana" };

function Inbox() {
  const { on, send, isConnected } = useWebSocket();
  const [bodies, setBodies] = useState<string[]>([]);
  useEffect(() => on("new_message", ({ Body }) => setBodies((before) => [...before, Body])), [on]);
  useEffect(() => void send("ping", {}), [send]);
  return <p>{`${isConnected} ${bodies.join(",")}`}</p>;
}
function Notice({ tell }: { tell: (body: string) => void }) {
  useEvent("new_message", ({ Body }) => tell(Body));
  return null;
}
function State() {
  return <p>{useConnectionState()}</p>;
}

/** Everything that a zero timer does comes before this resolves. */
const laterTimer = () => new Promise((resolve) => setTimeout(resolve, 1));

test("Strict Mode costs no second connection, and unmounting closes the first", async () => {
  const { client, calls } = scriptedClient();
  const { unmount } = render(
    <StrictMode>
      <RealtimeProvider client={client} identity={identity}>
        <p />
      </RealtimeProvider>
    </StrictMode>,
  );
  await laterTimer();
  expect(calls).toEqual(["connect acme ana", "connect acme ana"]);
  unmount();
  await laterTimer();
  expect(calls.at(-1)).toBe("disconnect");
});

test("nobody signed in means no connection, signing out closes it", async () => {
  const { client, calls } = scriptedClient();
  const { rerender } = render(
    <RealtimeProvider client={client} identity={undefined}>
      <p />
    </RealtimeProvider>,
  );
  expect(calls).toEqual([]);
  rerender(
    <RealtimeProvider client={client} identity={identity}>
      <p />
    </RealtimeProvider>,
  );
  rerender(
    <RealtimeProvider client={client} identity={undefined}>
      <p />
    </RealtimeProvider>,
  );
  await laterTimer();
  expect(calls).toEqual(["connect acme ana", "disconnect"]);
});

test("useWebSocket tells whether it is connected, and its `on` cleans up after itself", () => {
  const { client, calls, count, message, become } = scriptedClient();
  const { unmount } = render(
    <StrictMode>
      <RealtimeProvider client={client} identity={identity}>
        <Inbox />
      </RealtimeProvider>
    </StrictMode>,
  );
  expect(count("new_message")).toBe(1);
  message("oi");
  become("connected");
  expect(screen.getByText("true oi")).toBeTruthy();
  expect(calls).toContain("send ping");
  unmount();
  expect(count("new_message")).toBe(0);
});

test("useEvent calls the newest callback without registering again", () => {
  const { client, count, message } = scriptedClient();
  const told: string[] = [];
  const page = (label: string) => (
    <RealtimeProvider client={client} identity={identity}>
      <Notice tell={(body) => told.push(`${label} ${body}`)} />
    </RealtimeProvider>
  );
  const { rerender } = render(page("old"));
  rerender(page("new"));
  message("oi");
  expect(told).toEqual(["new oi"]);
  expect(count("new_message")).toBe(1);
});

test("useConnectionState follows every change", () => {
  const { client, become } = scriptedClient();
  render(
    <RealtimeProvider client={client} identity={identity}>
      <State />
    </RealtimeProvider>,
  );
  become("reconnecting");
  expect(screen.getByText("reconnecting")).toBeTruthy();
});

test("a hook outside of a provider says what is missing", () => {
  const { error } = console;
  console.error = () => undefined;
  expect(() => render(<State />)).toThrow("RealtimeProvider is missing");
  console.error = error;
});
