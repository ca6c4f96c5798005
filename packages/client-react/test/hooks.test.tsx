import { cleanup, render, screen } from "@testing-library/react";
import { StrictMode, useEffect, useState } from "react";
import { afterEach, expect, test } from "vitest";
import { RealtimeProvider, useConnectionState, useEvent, useFailedAttempts, useWebSocket } from "../src/index.ts";
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
function Notice({ onBody }: { onBody: (body: string) => void }) {
  useEvent("new_message", ({ Body }) => onBody(Body));
  return null;
}
function State() {
  return <p>{useConnectionState()}</p>;
}

function Failures() {
  return <p>{`${useFailedAttempts()} failures`}</p>;
}

/** Resolves after all timers with a delay of 0. */
const afterZeroTimers = () => new Promise((resolve) => setTimeout(resolve, 1));

test("keeps one connection in Strict Mode, and closes it on unmount", async () => {
  const { client, calls } = scriptedClient();
  const { unmount } = render(
    <StrictMode>
      <RealtimeProvider client={client} identity={identity}>
        <p />
      </RealtimeProvider>
    </StrictMode>,
  );
  await afterZeroTimers();
  expect(calls).toEqual(["connect acme ana", "connect acme ana"]);
  unmount();
  await afterZeroTimers();
  expect(calls.at(-1)).toBe("disconnect");
});

test("connects only while a user is signed in", async () => {
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
  await afterZeroTimers();
  expect(calls).toEqual(["connect acme ana", "disconnect"]);
});

test("useWebSocket returns whether it is connected, and its `on` returns a cleanup", () => {
  const { client, calls, count, message, setState } = scriptedClient();
  const { unmount } = render(
    <StrictMode>
      <RealtimeProvider client={client} identity={identity}>
        <Inbox />
      </RealtimeProvider>
    </StrictMode>,
  );
  expect(count("new_message")).toBe(1);
  message("oi");
  setState("connected");
  expect(screen.getByText("true oi")).toBeTruthy();
  expect(calls).toContain("send ping");
  unmount();
  expect(count("new_message")).toBe(0);
});

test("useEvent calls the newest callback without registering a new listener", () => {
  const { client, count, message } = scriptedClient();
  const received: string[] = [];
  const page = (label: string) => (
    <RealtimeProvider client={client} identity={identity}>
      <Notice onBody={(body) => received.push(`${label} ${body}`)} />
    </RealtimeProvider>
  );
  const { rerender } = render(page("old"));
  rerender(page("new"));
  message("oi");
  expect(received).toEqual(["new oi"]);
  expect(count("new_message")).toBe(1);
});

test("useConnectionState re-renders on every change", () => {
  const { client, setState } = scriptedClient();
  render(
    <RealtimeProvider client={client} identity={identity}>
      <State />
    </RealtimeProvider>,
  );
  setState("reconnecting");
  expect(screen.getByText("reconnecting")).toBeTruthy();
});

test("useFailedAttempts re-renders after every failed attempt", () => {
  const { client, fail, count } = scriptedClient();
  const { unmount } = render(
    <RealtimeProvider client={client} identity={identity}>
      <Failures />
    </RealtimeProvider>,
  );
  fail();
  fail();
  expect(screen.getByText("2 failures")).toBeTruthy();
  unmount();
  expect(count("connect_error")).toBe(0);
});

test("a hook outside of a provider throws an error that names RealtimeProvider", () => {
  const { error } = console;
  console.error = () => undefined;
  expect(() => render(<State />)).toThrow("inside a RealtimeProvider");
  console.error = error;
});
