import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { acceptQueue } from "@syszap/platform";
import { withBodyDeadline } from "./body-deadline.ts";

/** Timeouts in milliseconds, named like Node's options. This one limits slow senders. */
const headersTimeout = 10_000;
/** Disabled: `withBodyDeadline` limits the time for a body by its length. */
const requestTimeout = 0;
/** Must exceed the keep-alive timeout of proxies, or they reuse connections that this server is closing. */
const keepAliveTimeout = 75_000;

interface Server {
  port: number;
  /** Closes each connection after its next response, so that proxies keep none that `close` would cut under a new request. */
  startDraining: () => void;
  /** Waits for requests in progress. */
  close: () => Promise<void>;
}

/** Resolves when the server is listening. Port 0 selects a free port. */
export async function startServer(
  app: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<Server> {
  const timeouts = { requestTimeout, headersTimeout, keepAliveTimeout };
  let isDraining = false;
  const answer = withBodyDeadline(app);
  const server = createServer(timeouts, (req, res) => {
    if (isDraining) res.setHeader("connection", "close");
    answer(req, res);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: acceptQueue }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    startDraining: () => {
      isDraining = true;
    },
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((err) => (err ? reject(err) : resolve()));
        server.closeIdleConnections();
      }),
  };
}
