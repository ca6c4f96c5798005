import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import type { Health } from "./health.ts";
import type { Metrics } from "./metrics.ts";

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;

/** Serves `/health/live`, `/health/ready` and `/metrics`. Resolves to false for every other path, without a response. */
export function opsHandler(options: { health: Health; metrics: Metrics }): Handler {
  return async (req, res) => {
    const path = req.url?.split("?", 1)[0];
    if (path === "/health/live") return sendJson(res, 200, { status: "ok" });
    if (path === "/health/ready") {
      const report = await options.health.ready();
      return sendJson(res, report.status === "ok" ? 200 : 503, report);
    }
    if (path === "/metrics") {
      const body = await options.metrics.registry.metrics();
      res.writeHead(200, { "content-type": options.metrics.registry.contentType }).end(body);
      return true;
    }
    return false;
  };
}

function sendJson(res: ServerResponse, status: number, body: unknown): true {
  res.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" }).end(JSON.stringify(body));
  return true;
}

/** Starts an HTTP server for services that have none. `extra` may handle further paths; it must resolve to true if it did. */
export async function startOpsServer(options: {
  host: string;
  port: number;
  health: Health;
  metrics: Metrics;
  log: Logger;
  extra?: Handler;
}): Promise<{ port: number; close: () => Promise<void> }> {
  const handle = opsHandler(options);
  const server = createServer((req, res) => {
    void (async () => {
      try {
        if (await handle(req, res)) return;
        if (await options.extra?.(req, res)) return;
        sendJson(res, 404, { title: "Not found", status: 404 });
      } catch (err) {
        options.log.error({ err, path: req.url?.split("?", 1)[0] }, "ops request failed");
        if (!res.headersSent) sendJson(res, 500, { title: "Internal error", status: 500 });
      }
    })();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((err) => (err ? reject(err) : resolve()));
        server.closeAllConnections();
      }),
  };
}
