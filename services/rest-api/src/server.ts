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

/** Resolves when the server is listening. `close` waits for requests in progress. Port 0 selects a free port. */
export async function startServer(
  app: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<{ port: number; close: () => Promise<void> }> {
  const timeouts = { requestTimeout, headersTimeout, keepAliveTimeout };
  const server = createServer(timeouts, withBodyDeadline(app));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: acceptQueue }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.close((err) => (err ? reject(err) : resolve()));
        server.closeIdleConnections();
      }),
  };
}
