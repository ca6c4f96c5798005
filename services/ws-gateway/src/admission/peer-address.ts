import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** The address that limits count: the peer's own, or the nearest one behind the proxies that we trust. */
export function createPeerAddress(trustedProxies: readonly string[]): (req: IncomingMessage) => string {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = "", prefix] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return (req) => {
    let address = plain(req.socket.remoteAddress ?? "");
    const forwarded = String(req.headers["x-forwarded-for"] ?? "").split(",");
    // From the right: each trusted proxy vouches for the entry it added, and for no more.
    while (isTrusted(address)) {
      const next = plain(forwarded.pop()?.trim() ?? "");
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, "");
