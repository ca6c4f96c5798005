import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import type { SessionReason } from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import { openTunnel, type ProxyAddress, ProxyError } from "@syszap/platform/proxy";

const tunnelMs = 20_000;
const maxConnections = 256;
const whatsappHost = "web.whatsapp.com";

/**
 * A local HTTP proxy without credentials, which forwards to the session's proxy with its credentials. Chromium cannot authenticate at
 * SOCKS5 proxies, and the address is visible in its command line. Only CONNECT is supported: nothing is sent unencrypted.
 */
export class ProxyForwarder {
  private failure: SessionReason | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly options: { proxy: ProxyAddress; allowPrivate: boolean; log: Logger },
  ) {}

  static async start(options: { proxy: ProxyAddress; allowPrivate: boolean; log: Logger }): Promise<ProxyForwarder> {
    const server = createServer((_request, response) => response.writeHead(405).end());
    server.maxConnections = maxConnections;
    const forwarder = new ProxyForwarder(server, options);
    server.on("connect", (request, client: Socket, head) => void forwarder.forward(request, client, head));
    server.on("connection", (socket: Socket) => forwarder.track(socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return forwarder;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Why the last attempt to reach WhatsApp failed; undefined if it succeeded. */
  get failureReason(): SessionReason | undefined {
    return this.failure;
  }

  async open(host: string, port: number): Promise<Socket> {
    const { proxy, allowPrivate, log } = this.options;
    try {
      const tunnel = await openTunnel(proxy, { host, port }, { allowPrivate, timeoutMs: tunnelMs });
      this.failure = undefined;
      return this.track(tunnel);
    } catch (err) {
      const failure = err instanceof ProxyError ? err.failure : undefined;
      // A proxy may refuse other hosts that the browser calls.
      if (failure !== "target_refused" || host === whatsappHost) {
        if (this.failure === undefined) log.warn({ err }, "the session's proxy could not be used");
        this.failure = failure === "login_refused" ? "proxy_login_refused" : "proxy_failed";
      }
      throw err;
    }
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private async forward(request: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    try {
      const { hostname, port } = new URL(`http://${request.url}`);
      const tunnel = await this.open(hostname.replace(/^\[(.*)\]$/, "$1"), Number(port || 80));
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (head.length > 0) tunnel.write(head);
      await Promise.all([pipeline(client, tunnel), pipeline(tunnel, client)]);
    } catch {
      client.destroy(); // the failure was recorded, or one side closed the connection
    }
  }

  private track(socket: Socket): Socket {
    this.sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.sockets.delete(socket));
    return socket;
  }
}
