import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import proxyAddr from "proxy-addr";

/**
 * Returns a function that finds the client address which the limits count: the peer's address, or, when the peer is a
 * trusted proxy, the nearest untrusted address in X-Forwarded-For. Trusted proxies are addresses or CIDR ranges.
 */
export function createPeerAddress(trustedProxies: readonly string[]): (req: IncomingMessage) => string {
  const trust = proxyAddr.compile(trustedProxies.flatMap(withoutEmptyPrefix));
  return (req) => {
    // The list ends at the first untrusted entry. An entry that is no address is never a key of the limits: a client could
    // invent a new one for each request.
    const address = proxyAddr.all(req, trust).findLast((entry) => isIP(entry) !== 0) ?? "";
    return withoutIpv4Mapping(address);
  };
}

/** `proxy-addr` refuses a range of all addresses; its two halves cover the same addresses. */
function withoutEmptyPrefix(range: string): string[] {
  if (!range.endsWith("/0")) return [range];
  return isIP(range.slice(0, -2)) === 6 ? ["::/1", "8000::/1"] : ["0.0.0.0/1", "128.0.0.0/1"];
}

/** A dual-stack socket reports IPv4 peers as `::ffff:a.b.c.d`; both forms must share one limit. */
const withoutIpv4Mapping = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, "");
