import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type WebSocket, WebSocketServer } from "ws";
import type { DownloadFault, ServedFile } from "../phone/phone-files.ts";
import type { WireMedia } from "../protocol/protocol.ts";
import { selfSignedCertificate } from "./certificate.ts";

const whatsappHost = "web.whatsapp.com";

interface Served {
  bytes: Uint8Array;
  mimeType: string;
}
/** Answer to a request for the start page: WhatsApp Web, an empty page, or no response at all. */
export type ServedPage = "whatsapp" | "blank" | "nothing";
interface PageServerParts {
  /** Files of messages, which the page downloads. */
  file(path: string): ServedFile | undefined;
  /** Stores an uploaded file; `path` identifies the account. */
  keep(path: string, file: { bytes: Uint8Array; mimeType: string; fileName: string }): WireMedia | undefined;
  /** Profile pictures, which the connector downloads. */
  picture(path: string): Served | undefined;
  connected(socket: WebSocket): void;
}

async function pageHtml(): Promise<string> {
  const entry = fileURLToPath(new URL("../page/main.ts", import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
  });
  const script = outputFiles[0]?.text.replaceAll("</script", "<\\/script") ?? "";
  return `<!doctype html><html><head><meta charset="utf-8"><title>WhatsApp</title><script>${script}</script></head><body><div id="app"></div></body></html>`;
}
function answer(response: ServerResponse, served: Served | undefined): void {
  if (!served) return void response.writeHead(404).end();
  response.writeHead(200, { "content-type": served.mimeType, "cache-control": "no-store" }).end(served.bytes);
}
/** Streams the file with backpressure; it is never held in memory as a whole. */
async function sendFile(response: ServerResponse, file: ServedFile | undefined): Promise<void> {
  if (!file) return void response.writeHead(404).end();
  const { mimeType, size, fault } = file;
  response.writeHead(200, { "content-type": mimeType, "content-length": size, "cache-control": "no-store" });
  if (fault === "silent") return void response.flushHeaders();
  await pipeline(file.content(), withFault(fault, size), response).catch(() => response.destroy());
}
async function receiveUpload(
  request: IncomingMessage,
  response: ServerResponse,
  parts: PageServerParts,
): Promise<void> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request) pieces.push(piece as Buffer);
  } catch {
    // The page was closed or its network failed.
    return void response.destroy();
  }
  const { searchParams } = new URL(request.url ?? "/", "http://stand-in");
  const mimeType = request.headers["content-type"] ?? "application/octet-stream";
  const file = { bytes: Buffer.concat(pieces), mimeType, fileName: searchParams.get("name") ?? "" };
  const kept = parts.keep(pathOf(request), file);
  answer(response, kept && { bytes: Buffer.from(JSON.stringify(kept)), mimeType: "application/json" });
}
/** Cuts the content in the middle or alters the byte in the middle. */
function withFault(fault: DownloadFault | undefined, size: number) {
  return async function* (content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const middle = Math.floor(size / 2);
    let sent = 0;
    for await (const piece of content) {
      const hasMiddle = sent <= middle && middle < sent + piece.length;
      if (fault === "cut" && hasMiddle) {
        yield piece.subarray(0, middle - sent);
        throw new Error("The download was cut.");
      }
      yield fault === "altered" && hasMiddle ? altered(piece, middle - sent) : piece;
      sent += piece.length;
    }
  };
}
function altered(piece: Buffer, at: number): Buffer {
  const copy = Buffer.from(piece);
  copy[at] = 255 - (copy[at] ?? 0);
  return copy;
}
const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/**
 * Serves the page and its socket over HTTPS with a self-signed certificate that the browser is configured to accept. Pictures are
 * served over HTTP because Node, which downloads them, rejects that certificate.
 */
export class PageServer {
  isDown = false;
  serves: ServedPage = "whatsapp";
  /** Remote ports of all connections since the start. */
  readonly remotePorts: number[] = [];
  private readonly links = new Set<Socket>();

  private constructor(
    private readonly secure: Server,
    private readonly plain: Server,
    readonly securePort: number,
    readonly plainPort: number,
  ) {}

  static async start(parts: PageServerParts): Promise<PageServer> {
    const html: Served = { bytes: Buffer.from(await pageHtml()), mimeType: "text/html; charset=utf-8" };
    const secure = createHttpsServer(selfSignedCertificate(whatsappHost), (request, response) => {
      const path = pathOf(request);
      if (path === "/") server.answerPage(response, html);
      else if (request.method === "POST") void receiveUpload(request, response, parts);
      else void sendFile(response, parts.file(path));
    });
    const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
    secure.on("upgrade", (request, socket, head) => {
      if (pathOf(request) !== "/ws/stand-in") return void socket.destroy();
      sockets.handleUpgrade(request, socket, head, (link) => parts.connected(link));
    });
    const plain = createHttpServer((request, response) => answer(response, parts.picture(pathOf(request))));
    const server = new PageServer(secure, plain, await listen(secure), await listen(plain));
    secure.on("connection", (link: Socket) => server.track(link));
    plain.on("connection", (link: Socket) => server.remotePorts.push(link.remotePort ?? 0));
    return server;
  }

  /** Cuts all connections and rejects new ones until `up`. */
  down(): void {
    this.isDown = true;
    for (const link of this.links) link.destroy();
  }

  up(): void {
    this.isDown = false;
  }

  async close(): Promise<void> {
    this.down();
    await Promise.all([close(this.secure), close(this.plain)]);
  }

  private answerPage(response: ServerResponse, html: Served): void {
    if (this.serves === "nothing") return;
    answer(
      response,
      this.serves === "blank" ? { ...html, bytes: Buffer.from("<!doctype html><title>…</title>") } : html,
    );
  }

  private track(link: Socket): void {
    this.remotePorts.push(link.remotePort ?? 0);
    if (this.isDown) return void link.destroy();
    this.links.add(link);
    link.on("error", () => link.destroy());
    link.once("close", () => this.links.delete(link));
  }
}
const pathOf = (request: IncomingMessage): string => new URL(request.url ?? "/", "http://stand-in").pathname;
