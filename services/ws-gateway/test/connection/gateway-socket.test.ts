import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { joinFrames } from "../../src/frames/encode.ts";
import { GatewaySocket } from "../../src/frames/gateway-socket.ts";

/** Both ends of one connection; `ours` is the gateway's. */
async function connectPair(): Promise<{ ours: GatewaySocket; received: string[]; theirs: WebSocket }> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, WebSocket: GatewaySocket, perMessageDeflate: false });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const connected = once(server, "connection");
  const theirs = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const received: string[] = [];
  theirs.on("message", (data) => received.push(data.toString()));
  const [ours] = (await connected) as [GatewaySocket];
  if (theirs.readyState !== WebSocket.OPEN) await once(theirs, "open");
  onTestFinished(() => {
    theirs.terminate();
    server.close();
    http.close();
  });
  return { ours, received, theirs };
}

const texts = ["short", "é".repeat(200), "x".repeat(70_000), ""];
const frames = joinFrames(texts.map((text) => Buffer.from(text)));

test("writes encoded frames to the TCP socket of this version of ws", async () => {
  const { ours, received, theirs } = await connectPair();
  expect(ours.rawSocket).toBeDefined();
  ours.writeFrames(frames);
  ours.close(4400, "end of test");
  await once(theirs, "close");
  expect(received).toEqual(texts);
});

test("keeps the order of our frames and those of ws without mixing them", async () => {
  const { ours, received, theirs } = await connectPair();
  const expected: string[] = [];
  for (let round = 0; round < 50; round++) {
    ours.writeFrames(frames);
    ours.ping();
    ours.send(`round ${round}`);
    expected.push(...texts, `round ${round}`);
  }
  ours.close(1000, "done");
  const [code] = await once(theirs, "close");
  expect(code).toBe(1000);
  expect(received).toEqual(expected);
});

test.for(["_socket", "_sender"])("falls back to send() when a version of ws hides its %s", async (hidden) => {
  const { ours, received, theirs } = await connectPair();
  const kept = Reflect.get(ours, hidden);
  Object.defineProperty(ours, hidden, { configurable: true, get: () => undefined });
  expect(ours.rawSocket).toBeUndefined();
  Object.defineProperty(ours, "rawSocket", { get: () => undefined });
  Object.defineProperty(ours, hidden, { configurable: true, writable: true, value: kept });
  ours.writeFrames(frames);
  ours.close(1000, "done");
  await once(theirs, "close");
  expect(received).toEqual(texts);
});
