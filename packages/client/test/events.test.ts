import { expect } from "vitest";
import { WebSocket } from "ws";
import { createRealtimeClient } from "../src/index.ts";
import { companyId, gatewayTest, reached, takenBy, userId } from "./gateway-test.ts";
import { cursorAt } from "./scripted-gateway.ts";

gatewayTest("a listener gets data and frame until its clean-up is called", async ({ gateway, newClient }) => {
  const client = newClient();
  const taken = takenBy(client);
  const bodies: string[] = [];
  const stop = client.on("new_message", (data, frame) => bodies.push(`${data.Body} v${frame.version}`));
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.event(101);
  await taken.until("event-101");
  stop();
  peer.event(102);
  await taken.until("event-102");
  expect(bodies).toEqual(["body 101 v1"]);
});

gatewayTest("off removes a listener", async ({ gateway, newClient }) => {
  const client = newClient();
  const bodies: string[] = [];
  const listener = (data: { Body: string }) => bodies.push(data.Body);
  client.on("new_message", listener);
  client.off("new_message", listener);
  const taken = takenBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.event(101);
  await taken.until("event-101");
  expect(bodies).toEqual([]);
});

gatewayTest(
  "an event that comes again is told once, at its old place or at a new one",
  async ({ gateway, newClient }) => {
    const client = newClient();
    const taken = takenBy(client);
    client.connect(companyId, userId);
    const first = await gateway.nextPeer();
    first.welcome();
    first.event(101);
    first.event(102);
    first.event(101);
    first.event(103, "event-101");
    await taken.until("event-102");
    first.socket.terminate();
    const second = await gateway.nextPeer();
    expect(second.query.get("since")).toBe(cursorAt(103));
    second.welcome({ cursor: cursorAt(101) });
    second.event(102);
    second.event(104);
    await taken.until("event-104");
    expect(taken.ids).toEqual(["event-101", "event-102", "event-104"]);
  },
);

gatewayTest("the place moves only with a frame that the listeners have taken", async ({ gateway, newClient }) => {
  const client = newClient();
  client.connect(companyId, userId);
  const first = await gateway.nextPeer();
  first.welcome();
  await reached(client, "connected");
  client.on("new_message", () => {
    client.disconnect();
    client.connect(companyId, userId);
  });
  first.event(101);
  const second = await gateway.nextPeer();
  expect([cursorAt(100), cursorAt(101)]).toContain(second.query.get("since"));
});

gatewayTest("a listener that throws does not keep the others from the event", async ({ gateway, newClient }) => {
  const client = newClient();
  const reported: unknown[] = [];
  const { error } = console;
  console.error = (detail: unknown) => reported.push(detail);
  client.on("new_message", () => {
    throw new Error("broken page");
  });
  const taken = takenBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.event(101);
  await taken.until("event-101");
  console.error = error;
  expect(reported).toEqual([new Error("broken page")]);
});

gatewayTest("frames that are no JSON or of no known type are passed over", async ({ gateway, newClient }) => {
  const client = newClient();
  const taken = takenBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.socket.send("{");
  peer.socket.send("null");
  peer.send({ type: "from_the_future", id: "x", data: {} });
  peer.event(101);
  await taken.until("event-101");
});

gatewayTest(
  "a welcome that did not recover is told as resync, and later events follow",
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

gatewayTest("a resync is told after its delay and moves the place", async ({ gateway, newClient }) => {
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
  "a resync that was not told before disconnecting is told after connecting again",
  async ({ gateway, newClient }) => {
    const client = newClient();
    client.connect(companyId, userId);
    const first = await gateway.nextPeer();
    first.welcome();
    const taken = takenBy(client);
    first.send({ type: "resync", data: { reason: "log_trimmed", cursor: cursorAt(900), afterMs: 60_000 } });
    first.event(901);
    await taken.until("event-901");
    client.disconnect();
    const resync = new Promise((resolve) => client.on("resync", resolve));
    client.connect(companyId, userId);
    (await gateway.nextPeer()).welcome();
    expect(await resync).toEqual({ reason: "log_trimmed" });
  },
);

gatewayTest("debug tells states and types of frames, never what a frame or a ticket says", async ({ gateway }) => {
  const lines: string[] = [];
  const client = createRealtimeClient({
    url: gateway.url,
    webSocket: WebSocket,
    getTicket: () => Promise.resolve({ ticket: "secret-ticket", cursor: cursorAt(100) }),
    debug: (message, detail) => lines.push(JSON.stringify([message, detail])),
  });
  const taken = takenBy(client);
  client.connect(companyId, userId);
  const peer = await gateway.nextPeer();
  peer.welcome();
  peer.event(101);
  await taken.until("event-101");
  client.disconnect();
  expect(lines.join("\n")).toContain("new_message");
  expect(lines.join("\n")).not.toMatch(/body 101|secret-ticket/);
});
