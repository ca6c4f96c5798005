import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { ClientFrame } from "@syszap/contracts";
import { type WebSocket, WebSocketServer } from "ws";

export const cursorAt = (seq: number): string => `${seq}.${seq.toString(16).padStart(16, "0")}`;

/** Server side of one accepted connection. */
export class Peer {
  readonly query: URLSearchParams;
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  private readonly frames: ClientFrame[] = [];
  private readonly waiting: ((frame: ClientFrame) => void)[] = [];

  constructor(socket: WebSocket, query: URLSearchParams) {
    this.socket = socket;
    this.query = query;
    this.closed = once(socket, "close").then(([code]) => code as number);
    socket.on("message", (data) => {
      const frame = JSON.parse(String(data)) as ClientFrame;
      const resolve = this.waiting.shift();
      if (resolve) resolve(frame);
      else this.frames.push(frame);
    });
  }

  next(): Promise<ClientFrame> {
    const frame = this.frames.shift();
    return frame ? Promise.resolve(frame) : new Promise((resolve) => this.waiting.push(resolve));
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  welcome(data: { cursor?: string; recovered?: boolean; heartbeatMs?: number; expiresInMs?: number } = {}): void {
    const { cursor = this.query.get("since") ?? cursorAt(0), recovered = true } = data;
    const { heartbeatMs = 30_000, expiresInMs = 600_000 } = data;
    this.send({
      type: "welcome",
      data: {
        connectionId: "c",
        cursor,
        recovered,
        afterMs: 0,
        heartbeatMs,
        expiresAt: new Date(Date.now() + expiresInMs).toISOString(),
        timestamp: new Date().toISOString(),
      },
    });
  }

  /** Sends a durable event with the given `seq`. */
  event(seq: number, id = `event-${seq}`, body = `body ${seq}`): void {
    const data = { Id: id, Body: body, timestamp: new Date().toISOString() };
    this.send({ seq, cursor: cursorAt(seq), type: "new_message", id, version: 1, data });
  }
}

/** A WebSocket server whose frames are sent by the test. */
export async function startScriptedGateway() {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const peers: Peer[] = [];
  const waiting: ((peer: Peer) => void)[] = [];
  server.on("connection", (socket, request) => {
    const peer = new Peer(socket, new URL(request.url ?? "", "ws://x").searchParams);
    const resolve = waiting.shift();
    if (resolve) resolve(peer);
    else peers.push(peer);
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`,
    nextPeer(): Promise<Peer> {
      const peer = peers.shift();
      return peer ? Promise.resolve(peer) : new Promise((resolve) => waiting.push(resolve));
    },
    close(): Promise<void> {
      for (const socket of server.clients) socket.terminate();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
export type ScriptedGateway = Awaited<ReturnType<typeof startScriptedGateway>>;
