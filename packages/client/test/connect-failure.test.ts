import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { type ConnectFailure, createRealtimeClient, TicketError } from "../src/index.ts";
import { gatewayTest, untilState } from "./gateway-test.ts";

function firstFailureOf(options: Partial<Parameters<typeof createRealtimeClient>[0]>): Promise<ConnectFailure> {
  const getTicket = async () => ({ ticket: "t" });
  const client = createRealtimeClient({ url: "ws://127.0.0.1:1/ws", webSocket: WebSocket, getTicket, ...options });
  onTestFinished(() => client.disconnect());
  return new Promise((resolve) => {
    client.on("connect_error", (failure) => {
      expect(client.lastFailure).toEqual(failure);
      resolve(failure);
    });
    client.connect();
  });
}

test("reports the status with which the gateway refuses the socket", async () => {
  const server = createServer();
  server.on("upgrade", (_req, socket) => socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`;
  expect(await firstFailureOf({ url })).toEqual({
    step: "socket",
    message: "Unexpected server response: 403",
    status: 403,
  });
});

test("reports a gateway that is not reachable", async () => {
  expect(await firstFailureOf({})).toMatchObject({ step: "socket", message: expect.stringContaining("ECONNREFUSED") });
});

test("reports why the ticket request failed, with the cause of fetch", async () => {
  const unreachable = await firstFailureOf({
    getTicket: async () => {
      await fetch("http://127.0.0.1:9/v1/realtime/ticket");
      throw new Error("unexpected");
    },
  });
  expect(unreachable).toMatchObject({ step: "ticket", message: expect.stringMatching(/^fetch failed: ./) });
  const refused = await firstFailureOf({ getTicket: () => Promise.reject(new TicketError(503)) });
  expect(refused).toMatchObject({ step: "ticket", status: 503 });
});

test("throws at once when the runtime has no WebSocket", () => {
  vi.stubGlobal("WebSocket", undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  const client = createRealtimeClient({ url: "ws://127.0.0.1:1/ws", getTicket: async () => ({ ticket: "t" }) });
  expect(() => client.connect()).toThrow("Pass the class of the ws package");
});

test("warns once on the console of a program that does not listen", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  onTestFinished(() => warn.mockRestore());
  const client = createRealtimeClient({
    url: "ws://127.0.0.1:1/ws",
    webSocket: WebSocket,
    random: () => 0,
    getTicket: () => Promise.reject(new TicketError(503)),
  });
  onTestFinished(() => client.disconnect());
  client.connect();
  await vi.waitFor(() => expect(warn).toHaveBeenCalled(), { timeout: 60_000 });
  expect(warn.mock.calls).toEqual([
    ["[realtime] cannot connect (ticket): The request for a realtime ticket failed with status 503"],
  ]);
});

gatewayTest("connects without company and user, and forgets the failure", async ({ gateway, newClient }) => {
  const client = newClient((count) => {
    if (count === 1) throw new TicketError(503);
    return { ticket: "t2" };
  });
  const failed = new Promise((resolve) => client.on("connect_error", resolve));
  client.connect();
  await failed;
  const peer = await gateway.nextPeer();
  expect(Object.fromEntries(peer.query)).toEqual({ ticket: "t2" });
  peer.welcome();
  await untilState(client, "connected");
  expect(client.lastFailure).toBeUndefined();
});
