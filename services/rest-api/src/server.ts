import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { acceptQueue } from "@syszap/platform";

/** Milliseconds, as Node names them. A slow sender holds a connection, never for ever. */
const requestTimeout = 30_000;
const headersTimeout = 10_000;
/** Longer than proxies keep theirs: else they send into a connection that is just being closed. */
const keepAliveTimeout = 75_000;

/** Resolves when the port answers; `close` waits for requests under way. Port 0 takes a free one. */
export async function startServer(
  app: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<{ port: number; close: () => Promise<void> }> {
  const times = { requestTimeout, headersTimeout, keepAliveTimeout };
  const server = createServer(times, app);
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
