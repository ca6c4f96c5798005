import { expect } from "vitest";
import { WebSocket } from "ws";
import { createRealtimeClient } from "../src/index.ts";
import { companyId, gatewayTest, receivedBy, untilState, userId } from "./gateway-test.ts";
import { cursorAt } from "./scripted-gateway.ts";

gatewayTest("calls a listener with data and frame until it is removed", async ({ gateway, newClient }) => {
  const client = newClient();
  const received = receivedBy(client);
  const bodies: string[] = [];
  const stop = client.on("new_message", (data, frame) => bodies.push(`${data.Body} v${frame.version}`));
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.event(101);
  await received.until("event-101");
  stop();
  peer.event(102);
  await received.until("event-102");
  expect(bodies).toEqual(["body 101 v1"]);
});

gatewayTest("does not call a listener that was removed with off", async ({ gateway, newClient }) => {
  const client = newClient();
  const bodies: string[] = [];
  const listener = (data: { Body: string }) => bodies.push(data.Body);
  client.on("new_message", listener);
  client.off("new_message", listener);
  const received = receivedBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.event(101);
  await received.until("event-101");
  expect(bodies).toEqual([]);
});

gatewayTest(
  "delivers an event once, although it arrives again with the same cursor or a new one",
  async ({ gateway, newClient }) => {
    const client = newClient();
    const received = receivedBy(client);
    client.connect(companyId, userId);
    const first = await gateway.nextPeer();
    first.welcome();
    first.event(101);
    first.event(102);
    first.event(101);
    first.event(103, "event-101");
    await received.until("event-102");
    first.socket.terminate();
    const second = await gateway.nextPeer();
    expect(second.query.get("since")).toBe(cursorAt(103));
    second.welcome({ cursor: cursorAt(101) });
    second.event(102);
    second.event(104);
    await received.until("event-104");
    expect(received.ids).toEqual(["event-101", "event-102", "event-104"]);
  },
);

gatewayTest("moves the cursor only after the listeners received the event", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const first = await gateway.nextPeer();
  first.welcome();
  await untilState(client, "connected");
  client.on("new_message", () => {
    client.disconnect();
    client.connect(companyId, userId);
  });
  first.event(101);
  const second = await gateway.nextPeer();
  expect([cursorAt(100), cursorAt(101)]).toContain(second.query.get("since"));
});

gatewayTest("calls the other listeners when one throws", async ({ gateway, newClient }) => {
  const client = newClient();
  const reported: unknown[] = [];
  const { error } = console;
  console.error = (detail: unknown) => reported.push(detail);
  client.on("new_message", () => {
    throw new Error("listener failed");
  });
  const received = receivedBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.event(101);
  await received.until("event-101");
  console.error = error;
  expect(reported).toEqual([new Error("listener failed")]);
});

gatewayTest("ignores frames that are not JSON or have an unknown type", async ({ gateway, newClient }) => {
  const client = newClient();
  const received = receivedBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.socket.send("{");
  peer.socket.send("null");
  peer.send({ type: "from_the_future", id: "x", data: {} });
  peer.event(101);
  await received.until("event-101");
});

gatewayTest(
  "emits resync after a welcome that did not recover, and resumes from its cursor",
  async ({ gateway, newClient }) => {
    const client = newClient();
    const resync = new Promise((resolve) => client.on("resync", resolve));
    client.connect(companyId, userId);
    const first = await gateway.nextPeer();
    first.welcome({ recovered: false, cursor: cursorAt(500) });
    expect(await resync).toEqual({ reason: "not_recovered" });
    first.socket.terminate();
    expect((await gateway.nextPeer()).query.get("since")).toBe(cursorAt(500));
  },
);

gatewayTest("emits resync after the requested delay, and resumes from its cursor", async ({ gateway, newClient }) => {
  const client = newClient();
  const resync = new Promise((resolve) => client.on("resync", resolve));
  client.connect(companyId, userId);
  const first = await gateway.nextPeer();
  first.welcome();
  first.send({ type: "resync", data: { reason: "log_trimmed", cursor: cursorAt(900), afterMs: 20 } });
  expect(await resync).toEqual({ reason: "log_trimmed" });
  first.socket.terminate();
  expect((await gateway.nextPeer()).query.get("since")).toBe(cursorAt(900));
});

gatewayTest(
  "emits a resync after the next connect if it was pending when the client disconnected",
  async ({ gateway, newClient }) => {
    const client = newClient();
    client.connect(companyId, userId);
    const first = await gateway.nextPeer();
    first.welcome();
    const received = receivedBy(client);
    first.send({ type: "resync", data: { reason: "log_trimmed", cursor: cursorAt(900), afterMs: 60_000 } });
    first.event(901);
    await received.until("event-901");
    client.disconnect();
    const resync = new Promise((resolve) => client.on("resync", resolve));
    client.connect(companyId, userId);
    (await gateway.nextPeer()).welcome();
    expect(await resync).toEqual({ reason: "log_trimmed" });
  },
);

gatewayTest("logs states and frame types in debug mode, but no frame content and no ticket", async ({ gateway }) => {
  const lines: string[] = [];
  const client = createRealtimeClient({
    url: gateway.url,
    webSocket: WebSocket,
    getTicket: () => Promise.resolve({ ticket: "secret-ticket", cursor: cursorAt(100) }),
    debug: (message, detail) => lines.push(JSON.stringify([message, detail])),
  });
  const received = receivedBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.event(101);
  await received.until("event-101");
  client.disconnect();
  expect(lines.join("\n")).toContain("new_message");
  expect(lines.join("\n")).not.toMatch(/body 101|secret-ticket/);
});
