import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { acceptQueue } from "@syszap/platform";
import { withBodyDeadline } from "./body-deadline.ts";

/** Milliseconds, as Node names them. A slow sender holds a connection, never for ever. */
const headersTimeout = 10_000;
/** None of Node's: how long a body may take depends on its length. */
const requestTimeout = 0;
/** Longer than proxies keep theirs: else they send into a connection that is just being closed. */
const keepAliveTimeout = 75_000;

/** Resolves when the port answers; `close` waits for requests under way. Port 0 takes a free one. */
export async function startServer(
  app: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<{ port: number; close: () => Promise<void> }> {
  const times = { requestTimeout, headersTimeout, keepAliveTimeout };
  const server = createServer(times, withBodyDeadline(app));
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
