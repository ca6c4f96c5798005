import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createWebsocketService, showMessages } from "../examples/websocket-service.ts";
import { companyId, userId } from "./gateway-test.ts";
import { cursorAt, Peer } from "./scripted-gateway.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

test("the README contains the example that this file runs", () => {
  expect(read("../README.md")).toContain(`\`\`\`ts\n${read("../examples/websocket-service.ts")}\`\`\``);
});

test("the README's example fetches a ticket, connects with it, and shows messages until it is stopped", async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  const { origin, peer, ticketRequest } = await serveOneOrigin();
  const shown: string[] = [];
  const page = {
    append: (body: string) => shown.push(body),
    refetch: () => shown.push("refetch"),
    showState: (state: string) => shown.push(state),
  };
  const stop = showMessages(
    createWebsocketService(origin, () => "token-1"),
    { companyId, userId },
    page,
  );
  expect((await ticketRequest).headers.authorization).toBe("Bearer token-1");
  const gateway = await peer;
  expect(Object.fromEntries(gateway.query)).toEqual({ companyId, userId, ticket: "t1", since: cursorAt(1) });
  gateway.welcome();
  gateway.event(2);
  await expect.poll(() => shown).toEqual(["connecting", "connected", "body 2"]);
  stop();
  expect(await gateway.closed).toBe(1000);
  expect(shown.at(-1)).toBe("idle");
});

/** Serves the REST API and the gateway at one address, as a reverse proxy does. */
async function serveOneOrigin() {
  let onTicketRequest: (request: IncomingMessage) => void = () => undefined;
  const ticketRequest = new Promise<IncomingMessage>((resolve) => {
    onTicketRequest = resolve;
  });
  const server = createServer((request, response) => {
    onTicketRequest(request);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ticket: "t1", cursor: cursorAt(1) }));
  });
  const sockets = new WebSocketServer({ server, path: "/ws" });
  const peer = new Promise<Peer>((resolve) =>
    sockets.once("connection", (socket, request) =>
      resolve(new Peer(socket, new URL(request.url ?? "", "ws://x").searchParams)),
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    vi.unstubAllGlobals();
    sockets.close();
    server.close();
    server.closeAllConnections();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, peer, ticketRequest };
}
