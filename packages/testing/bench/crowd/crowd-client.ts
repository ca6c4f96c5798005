import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { clientFrame, FrameReader, opcodes } from "./frame-reader.ts";
import type { Dialect, Door } from "./orders.ts";
import type { Tally } from "./tally.ts";

export interface CrowdClient {
  readonly isOpen: boolean;
}
interface ClientOptions {
  dialect: Dialect;
  /** Text frames that a gateway sends of its own accord before any event. */
  greetings: number;
  tally: Tally;
}

/** Shorter text frames are the gateway's own words. */
const shortestEvent = 200;
const pong = 10;
const [enginePing, enginePong, joinNamespace] = ["2", Buffer.from("3"), Buffer.from("40")];
/** One for all sockets: what is read is looked at before the next read begins. */
const sharedBuffer = Buffer.allocUnsafe(256 * 1024);
const headEnd = Buffer.from("\r\n\r\n");

/** Resolves when the gateway has greeted it: from then on it gets every event. */
export function connectClient(door: Door, options: ClientOptions): Promise<CrowdClient> {
  return new Promise((resolve, reject) => {
    let head: Buffer | undefined = Buffer.alloc(0);
    const client = { isOpen: true };
    const reader = readerFor(door, options, { write: (frame) => socket.write(frame), ready: () => resolve(client) });
    const read = (bytes: Buffer) => {
      if (!head) return reader.read(bytes);
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf(headEnd);
      if (end === -1) return;
      const status = head.toString("latin1", 0, head.indexOf("\r\n"));
      if (!status.includes(" 101 ")) return reject(new Error(`turned away: ${head.toString()}`));
      const rest = head.subarray(end + headEnd.length);
      head = undefined;
      if (options.greetings === 0) resolve(client);
      if (rest.length > 0) reader.read(rest);
    };
    const socket: Socket = connect({
      host: "127.0.0.1",
      port: door.port,
      noDelay: true,
      onread: {
        buffer: sharedBuffer,
        callback: (length) => {
          read(sharedBuffer.subarray(0, length));
          return true;
        },
      },
    });
    socket.on("error", reject);
    socket.on("close", () => {
      client.isOpen = false;
      reject(new Error("closed before it was let in"));
    });
    socket.write(upgradeRequest(door));
  });
}

function readerFor(
  door: Door,
  { dialect, greetings, tally }: ClientOptions,
  self: { write: (frame: Buffer) => void; ready: () => void },
): FrameReader {
  let awaited = greetings;
  return new FrameReader((opcode, bytes, from, to) => {
    if (opcode === opcodes.ping) return self.write(clientFrame(pong, Buffer.from(bytes.subarray(from, to))));
    if (opcode !== opcodes.text) return;
    if (awaited > 0) {
      // Socket.IO waits for the client to ask for the namespace between its two greetings.
      if (dialect === "engine.io" && awaited === greetings) self.write(clientFrame(opcodes.text, joinNamespace));
      awaited -= 1;
      if (awaited === 0) self.ready();
    } else if (to - from >= shortestEvent) tally.take(door.group, bytes, from, to);
    else if (dialect === "engine.io" && bytes.toString("latin1", from, to) === enginePing)
      self.write(clientFrame(opcodes.text, enginePong));
  });
}

function upgradeRequest({ path, headers }: Door): string {
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
