import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import proxyAddr from "proxy-addr";

/**
 * Returns a function that finds what the limits count: an IPv4 address or an IPv6 network. It is the address: the peer's address, or, when the peer is a
 * trusted proxy, the nearest untrusted address in X-Forwarded-For. Trusted proxies are addresses or CIDR ranges.
 */
export function createPeerAddress(trustedProxies: readonly string[]): (req: IncomingMessage) => string {
  const trust = proxyAddr.compile(trustedProxies.flatMap(withoutEmptyPrefix));
  return (req) => {
    // The list ends at the first untrusted entry. An entry that is no address is never a key of the limits: a client could
    // invent a new one for each request.
    const address = proxyAddr.all(req, trust).findLast((entry) => isIP(entry) !== 0) ?? "";
    return address === "" ? "" : limitedUnit(address);
  };
}

/** `proxy-addr` refuses a range of all addresses; its two halves cover the same addresses. */
function withoutEmptyPrefix(range: string): string[] {
  if (!range.endsWith("/0")) return [range];
  return isIP(range.slice(0, -2)) === 6 ? ["::/1", "8000::/1"] : ["0.0.0.0/1", "128.0.0.0/1"];
}

const ipv6PrefixBits = 64;

/**
 * An IPv4 address, or the /64 network of an IPv6 address: a single client owns all addresses of its /64 and could use a new one for
 * each connection. A dual-stack socket reports IPv4 peers as `::ffff:a.b.c.d`, and both forms share one limit.
 */
function limitedUnit(text: string): string {
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(
    `${address.toNormalizedString().split("%", 1)[0]}/${ipv6PrefixBits}`,
  );
  return `${network.toString()}/${ipv6PrefixBits}`;
}
