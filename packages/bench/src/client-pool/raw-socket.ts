import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { Endpoint } from "./commands.ts";
import { clientFrame, FrameReader, type OnFrame, opcodes } from "./frame-reader.ts";

export interface RawSocketListener {
  /** Called when the upgrade succeeded. */
  opened(): void;
  /** Called for each frame except pings, which are answered already. The bytes are valid only during the call. */
  frame: OnFrame;
  /** Called once when the connection has ended. */
  closed(reason: string): void;
}
export interface RawSocket {
  write(frame: Buffer): void;
  /** Resets the connection without a close frame. */
  cut(): void;
}

const pong = 10;
/** Shared by all sockets: each read is processed before the next one starts. */
const sharedBuffer = Buffer.allocUnsafe(256 * 1024);
const headEnd = Buffer.from("\r\n\r\n");

/** A minimal WebSocket client, so that thousands of clients use little CPU and memory beside the measured process. */
export function openRawSocket(endpoint: Endpoint, listener: RawSocketListener): RawSocket {
  let head: Buffer | undefined = Buffer.alloc(0);
  let reason = "closed";
  const reader = new FrameReader((opcode, bytes, from, to) => {
    if (opcode === opcodes.ping) socket.write(clientFrame(pong, Buffer.from(bytes.subarray(from, to))));
    else listener.frame(opcode, bytes, from, to);
  });
  const read = (bytes: Buffer) => {
    if (!head) return reader.read(bytes);
    head = Buffer.concat([head, bytes]);
    const end = head.indexOf(headEnd);
    if (end === -1) return;
    if (!head.toString("latin1", 0, head.indexOf("\r\n")).includes(" 101 ")) {
      reason = `turned away: ${head.toString()}`;
      socket.destroy();
      return;
    }
    const rest = head.subarray(end + headEnd.length);
    head = undefined;
    listener.opened();
    if (rest.length > 0) reader.read(rest);
  };
  const socket: Socket = connect({
    host: "127.0.0.1",
    port: endpoint.port,
    noDelay: true,
    onread: {
      buffer: sharedBuffer,
      callback: (length) => {
        read(sharedBuffer.subarray(0, length));
        return true;
      },
    },
  });
  socket.on("error", (err) => {
    reason = err.message;
  });
  socket.on("close", () => listener.closed(reason));
  socket.write(upgradeRequest(endpoint));
  return { write: (frame) => socket.write(frame), cut: () => socket.resetAndDestroy() };
}

function upgradeRequest({ path, headers }: Endpoint): string {
  const lines = Object.entries({
    host: "127.0.0.1",
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  return [`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}
