import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { TestProxy, type TestProxyOptions } from "./test-proxy.ts";

/** An HTTP proxy with Basic authentication. It supports CONNECT only. */
class HttpProxy extends TestProxy {
  constructor(options: TestProxyOptions) {
    const server = createServer((_request, response) => response.writeHead(405).end());
    super(server, options);
    server.on("connect", (request, client: Socket, head: Buffer) => void this.serve(request, client, head));
  }

  private async serve(request: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    const [, encoded = ""] = (request.headers["proxy-authorization"] ?? "").split(" ");
    const [username, password] = Buffer.from(encoded, "base64").toString().split(":");
    if (!this.isAllowed(username, password)) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = await this.connectTo(hostname, Number(port || 80));
    if (!target) {
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    client.write("HTTP/1.1 200 OK\r\n\r\n");
    target.write(head);
    this.join(client, target);
  }
}

export const startHttpProxy = (options: TestProxyOptions): Promise<TestProxy> => new HttpProxy(options).listen();
