import { request } from "node:http";
import type { Socket } from "node:net";
import { type ProxyAddress, ProxyError } from "./proxy-address.ts";

/** Sends a CONNECT request on the connection to an HTTP proxy. */
export function httpConnect(
  socket: Socket,
  { credentials }: ProxyAddress,
  target: { host: string; port: number },
): Promise<Socket> {
  const path = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
  const headers: Record<string, string> = { host: path };
  if (credentials) {
    const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
    headers["proxy-authorization"] = `Basic ${pair}`;
  }
  return new Promise((resolve, reject) => {
    const connecting = request({ method: "CONNECT", path, headers, createConnection: () => socket });
    const refuse = (status = 0) =>
      reject(new ProxyError(status === 407 ? "login_refused" : "target_refused", `status ${status}`));
    connecting.once("connect", (response, tunnel: Socket, head) => {
      if (response.statusCode !== 200) {
        tunnel.destroy();
        return refuse(response.statusCode);
      }
      if (head.length > 0) tunnel.unshift(head);
      resolve(tunnel);
    });
    connecting.once("response", (response) => {
      response.destroy();
      refuse(response.statusCode);
    });
    connecting.once("error", (err: NodeJS.ErrnoException) => reject(new ProxyError("not_a_proxy", err.code ?? "")));
    connecting.end();
  });
}
