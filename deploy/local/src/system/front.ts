import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { createProxyServer } from "httpxy";
import sirv from "sirv";
import type { HealthSummary } from "./health.ts";
import { readPageHeaders } from "./page-headers.ts";
import { ReadyTargets } from "./ready-targets.ts";

export interface FrontOptions {
  /** Undefined: 3000, or a free port if 3000 is taken. */
  port: number | undefined;
  /** URLs of the running instances. Called for each request, which goes to the next one that is ready. */
  restApis: () => string[];
  gateways: () => string[];
  health: () => Promise<HealthSummary>;
  /** Folder of the built web app, or URL of the development server. */
  webApp: { folder: string } | { url: string };
}

export interface Front {
  port: number;
  close(): Promise<void>;
}

const defaultPort = 3_000;
const host = "127.0.0.1";

/** Reverse proxy that gives browsers one origin: `/v1` and `/.well-known`, `/ws`, `/health`, and the web app for other paths. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const proxy = createProxyServer({ xfwd: true });
  proxy.on("error", (_err, _req, res) => refuse(res));
  const [restApis, gateways] = [new ReadyTargets(options.restApis), new ReadyTargets(options.gateways)];
  const serveWebApp = webAppHandler(options.webApp, proxy);
  const server = createServer((req, res) => {
    removeForwardedHeaders(req);
    const path = pathOf(req);
    if (path === "/health") return void sendHealth(res, options.health);
    if (path.startsWith("/v1/") || path.startsWith("/.well-known/")) return void forward();
    serveWebApp(req, res);

    async function forward(): Promise<void> {
      const target = await restApis.next();
      if (res.destroyed) return;
      if (target === undefined) refuse(res);
      else await proxy.web(req, res, { target }).catch(() => refuse(res));
    }
  });
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (req, socket, head) => {
    removeForwardedHeaders(req);
    upgraded.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => upgraded.delete(socket));
    void forward();

    async function forward(): Promise<void> {
      const target = pathOf(req) === "/ws" ? await gateways.next() : developmentUrl(options.webApp);
      if (target === undefined || socket.destroyed) socket.destroy();
      else await proxy.ws(req, socket as never, { target }, head).catch(() => socket.destroy());
    }
  });
  const port = await listen(server, options.port);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
    });
  return { port, close };
}

/** The proxy appends to these headers. The front is the first proxy, so a value from outside is forged. */
function removeForwardedHeaders(req: IncomingMessage): void {
  delete req.headers.forwarded;
  for (const name of Object.keys(req.headers)) if (name.startsWith("x-forwarded-")) delete req.headers[name];
}

const pathOf = (req: IncomingMessage): string => (req.url ?? "/").split("?", 1)[0] ?? "/";
const developmentUrl = (webApp: FrontOptions["webApp"]) => ("url" in webApp ? webApp.url : undefined);

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

function webAppHandler(webApp: FrontOptions["webApp"], proxy: ReturnType<typeof createProxyServer>): Handler {
  if ("url" in webApp) {
    return (req, res) => void proxy.web(req, res, { target: webApp.url }).catch(() => refuse(res));
  }
  const serve = sirv(webApp.folder, { single: true, etag: true, brotli: true, gzip: true, setHeaders: setCaching });
  const pageHeaders = new Map(Object.entries(readPageHeaders()));
  return (req, res) => {
    res.setHeaders(pageHeaders);
    serve(req, res, () => void res.writeHead(404).end("Not found"));
  };
}

/** Asset names contain a content hash and are immutable. The HTML page that references them must be revalidated. */
function setCaching(res: ServerResponse, path: string): void {
  res.setHeader("cache-control", path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
}

async function sendHealth(res: ServerResponse, health: () => Promise<HealthSummary>): Promise<void> {
  const sum = await health();
  res.writeHead(sum.status === "ok" ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" });
  res.end(JSON.stringify(sum, null, 2));
}

/** Answers 503 with Retry-After: no instance of the target service is reachable, for example during a restart. */
function refuse(res: unknown): void {
  const answer = res as Partial<ServerResponse> & Duplex;
  if (typeof answer.writeHead !== "function" || answer.headersSent === true) return void answer.destroy?.();
  answer.writeHead(503, { "content-type": "application/problem+json", "retry-after": "1" });
  answer.end(JSON.stringify({ type: "about:blank", title: "Service unavailable", status: 503 }));
}

async function listen(server: Server, wanted: number | undefined): Promise<number> {
  try {
    return await bind(server, wanted ?? defaultPort);
  } catch (err) {
    if (!(err instanceof Error && "code" in err && err.code === "EADDRINUSE")) throw err;
    if (wanted !== undefined)
      throw new Error(`Port ${wanted} is taken. Choose another one with --port.`, { cause: err });
    return bind(server, 0);
  }
}

const bind = (server: Server, port: number) =>
  new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
