import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { StandIn } from "../server/stand-in.ts";
import { commands } from "./commands.ts";
import { snapshotOf } from "./snapshot.ts";

const pollIntervalMs = 200;
const maxBodyBytes = 20 * 1024 * 1024;

export interface PhonePage {
  url: string;
  close(): Promise<void>;
}

/** Serves a page that controls the phones of a stand-in. It accepts only loopback requests of its own page. */
export async function startPhonePage(standIn: StandIn): Promise<PhonePage> {
  const html = await readFile(new URL("./phone-page.html", import.meta.url));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://phone");
    if (!isAllowed(request)) return void response.writeHead(403).end();
    if (request.method === "GET" && pathname === "/") {
      return void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
    }
    if (request.method === "GET" && pathname === "/changes") return void watch(response, standIn);
    const command = request.method === "POST" ? /^\/commands\/([a-z]+)$/.exec(pathname)?.[1] : undefined;
    if (command !== undefined && Object.hasOwn(commands, command)) {
      return void execute(command, standIn, request, response);
    }
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Rejects requests of other sites, including those whose host name resolves to loopback (DNS rebinding). */
function isAllowed({ headers, method }: IncomingMessage): boolean {
  if (!/^(127\.0\.0\.1|localhost):\d+$/.test(headers.host ?? "")) return false;
  return method === "GET" || headers["content-type"] === "application/json";
}

/** Sends the current snapshot and every later one that differs, as server-sent events. */
async function watch(response: ServerResponse, standIn: StandIn): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  let last = "";
  const sendIfChanged = async () => {
    const text = JSON.stringify(await snapshotOf(standIn));
    if (text !== last && !response.writableEnded) response.write(`data: ${text}\n\n`);
    last = text;
  };
  await sendIfChanged();
  const timer = setInterval(() => void sendIfChanged(), pollIntervalMs);
  response.once("close", () => clearInterval(timer));
}

async function execute(
  command: string,
  standIn: StandIn,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    commands[command]?.(standIn, JSON.parse(await bodyOf(request)));
    response.writeHead(204).end();
  } catch (err) {
    const reason = err instanceof z.ZodError ? z.prettifyError(err) : err instanceof Error ? err.message : String(err);
    response.writeHead(422, { "content-type": "text/plain; charset=utf-8" }).end(reason);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBodyBytes) throw new Error("The file is too large.");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
