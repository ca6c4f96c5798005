import { connect, type LookupFunction, type Socket } from "node:net";
import { checkLiteral, ForbiddenAddressError, guardedLookup } from "../address-guard.ts";
import { isPublicAddress } from "../public-address.ts";
import { httpConnect } from "./http-connect.ts";
import { type ProxyAddress, ProxyError } from "./proxy-address.ts";
import { socksConnect } from "./socks-connect.ts";

export interface TunnelOptions {
  /** Allows proxies with private addresses. */
  allowPrivate: boolean;
  /** Deadline for the DNS lookup, the connection and the proxy's answer together. */
  timeoutMs: number;
  /** DNS lookup for tests. */
  lookup?: LookupFunction;
}

/**
 * Connects to the target through the proxy, which resolves the target's name. Rejects with `ProxyError`. The proxy is reached only if its
 * address is public; names are checked at each connection.
 */
export async function openTunnel(
  proxy: ProxyAddress,
  target: { host: string; port: number },
  options: TunnelOptions,
): Promise<Socket> {
  let socket: Socket | undefined;
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const expired = new Promise<never>((_resolve, reject) => {
    deadline.addEventListener("abort", () => reject(new ProxyError("no_answer_in_time", "the deadline is over")));
  });
  const opening = (async () => {
    socket = await connectTo(proxy, options);
    return proxy.scheme === "http" ? httpConnect(socket, proxy, target) : socksConnect(socket, proxy, target);
  })();
  try {
    return await Promise.race([opening, expired]);
  } catch (err) {
    opening.then(
      (late) => late.destroy(),
      () => undefined,
    );
    socket?.destroy();
    throw err;
  }
}

function connectTo({ host, port }: ProxyAddress, options: TunnelOptions): Promise<Socket> {
  const mayReach = options.allowPrivate ? () => true : isPublicAddress;
  return new Promise((resolve, reject) => {
    const fail = (err: unknown) => reject(describe(err));
    try {
      checkLiteral({ hostname: host }, mayReach);
    } catch (err) {
      return fail(err);
    }
    const socket = connect({ host, port, lookup: guardedLookup(mayReach, options.lookup) });
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.off("error", fail);
      // Errors before the proxy's answer end the socket, which its reader notices.
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}

function describe(err: unknown): ProxyError {
  if (err instanceof ForbiddenAddressError) return new ProxyError("address_not_public", err.message);
  const code = err instanceof Error && "code" in err ? String(err.code) : "";
  const isUnknownName = code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "ENODATA";
  return new ProxyError(isUnknownName ? "name_not_found" : "not_reachable", code);
}
