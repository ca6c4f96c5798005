import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { StandIn } from "../stand-in.ts";
import { acts } from "./acts.ts";
import { snapshotOf } from "./snapshot.ts";

const lookEveryMs = 200;
const mostBytes = 20 * 1024 * 1024;

export interface PhonePage {
  url: string;
  close(): Promise<void>;
}

/** Serves a page on which a person is the phone of a stand-in. Loopback only, and only to pages of its own. */
export async function startPhonePage(standIn: StandIn): Promise<PhonePage> {
  const html = await readFile(new URL("./phone-page.html", import.meta.url));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://phone");
    if (!isOurs(request)) return void response.writeHead(403).end();
    if (request.method === "GET" && pathname === "/") {
      return void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
    }
    if (request.method === "GET" && pathname === "/changes") return void watch(response, standIn);
    const act = request.method === "POST" ? /^\/acts\/([a-z]+)$/.exec(pathname)?.[1] : undefined;
    if (act !== undefined && Object.hasOwn(acts, act)) return void order(act, standIn, request, response);
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

/** A page of another site must not write as a customer, nor one that calls itself by a name that leads here. */
function isOurs({ headers, method }: IncomingMessage): boolean {
  if (!/^(127\.0\.0\.1|localhost):\d+$/.test(headers.host ?? "")) return false;
  return method === "GET" || headers["content-type"] === "application/json";
}

/** Sends all that is to be seen, again with each change of it. */
async function watch(response: ServerResponse, standIn: StandIn): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  let last = "";
  const look = async () => {
    const text = JSON.stringify(await snapshotOf(standIn));
    if (text !== last && !response.writableEnded) response.write(`data: ${text}\n\n`);
    last = text;
  };
  await look();
  const timer = setInterval(() => void look(), lookEveryMs);
  response.once("close", () => clearInterval(timer));
}

async function order(act: string, standIn: StandIn, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    acts[act]?.(standIn, JSON.parse(await bodyOf(request)));
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
    if (size > mostBytes) throw new Error("the file is too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
