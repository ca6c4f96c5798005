import type { Socket } from "node:net";
import { SocksClient } from "socks";
import { type ProxyAddress, ProxyError, type ProxyFailure } from "./proxy-address.ts";

/** Longest time that the library waits. `openTunnel` has the real deadline. */
const libraryTimeoutMs = 120_000;

/** Sends a SOCKS5 request on the connection to the proxy. The proxy resolves the target's name. */
export async function socksConnect(
  socket: Socket,
  { host, port, credentials }: ProxyAddress,
  target: { host: string; port: number },
): Promise<Socket> {
  try {
    const connected = await SocksClient.createConnection({
      proxy: {
        host,
        port,
        type: 5,
        ...(credentials && { userId: credentials.username, password: credentials.password }),
      },
      command: "connect",
      destination: target,
      existing_socket: socket,
      timeout: libraryTimeoutMs,
    });
    return connected.socket;
  } catch (err) {
    throw new ProxyError(failureOf(err), err instanceof Error ? err.message : "unknown");
  }
}

/** The library reports what happened only by its texts. */
function failureOf(err: unknown): ProxyFailure {
  const text = err instanceof Error ? err.message : "";
  if (/authentication/i.test(text)) return "login_refused";
  return /rejected/i.test(text) ? "target_refused" : "not_a_proxy";
}
