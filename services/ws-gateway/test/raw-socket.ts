import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** Opens a TCP connection to a gateway, for requests that violate HTTP or WebSocket. Resolves when connected. */
export async function openRaw(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}); // most of these sockets are reset by the gateway
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return socket;
}

/** Reads until the gateway closes the socket; destroys it after `deadlineMs`. */
export function readAll(socket: Socket, deadlineMs = 60_000): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => socket.destroy(), deadlineMs);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
  });
}

/** Sends a valid handshake. Resolves with the status when the head of the response has arrived. */
export async function upgradeRaw(socket: Socket, path: string, headers: Record<string, string>): Promise<number> {
  const lines = Object.entries({
    host: "gateway",
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.write([`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
  const head = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
  return Number(head.toString("latin1").split(" ", 2)[1]);
}

export interface FrameShape {
  opcode: number;
  payload: Buffer;
  isFinal?: boolean;
  isMasked?: boolean;
  reservedBits?: number;
  /** Length in the header, when it differs from the real one. */
  declaredLength?: bigint;
}

/** Encodes one WebSocket frame, valid or not (RFC 6455, section 5.2). */
export function rawFrame({ opcode, payload, isFinal = true, isMasked = true, reservedBits = 0, ...rest }: FrameShape) {
  const first = (isFinal ? 0x80 : 0) | (reservedBits << 4) | opcode;
  const mask = isMasked ? randomBytes(4) : Buffer.alloc(0);
  const masked = Buffer.from(payload);
  if (isMasked) for (let at = 0; at < masked.length; at++) masked[at] = (masked[at] ?? 0) ^ (mask[at % 4] ?? 0);
  return Buffer.concat([
    Buffer.from([first]),
    lengthOf(rest.declaredLength ?? BigInt(payload.length), isMasked),
    mask,
    masked,
  ]);
}

function lengthOf(length: bigint, isMasked: boolean): Buffer {
  const bit = isMasked ? 0x80 : 0;
  if (length < 126n) return Buffer.from([bit | Number(length)]);
  if (length < 65_536n) {
    const bytes = Buffer.from([bit | 126, 0, 0]);
    bytes.writeUInt16BE(Number(length), 1);
    return bytes;
  }
  const bytes = Buffer.alloc(9);
  bytes[0] = bit | 127;
  bytes.writeBigUInt64BE(length, 1);
  return bytes;
}
