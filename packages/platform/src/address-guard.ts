import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";

/** The address is not public. Connections to it could reach our internal network. */
export class ForbiddenAddressError extends Error {
  override readonly name = "ForbiddenAddressError";
  constructor() {
    super("the address is not public");
  }
}

/**
 * Returns a DNS lookup for connections that fails when `mayReach` rejects any resolved address. The socket connects to the same
 * addresses that were checked, which prevents DNS rebinding.
 */
export function guardedLookup(
  mayReach: (address: string) => boolean,
  lookup: LookupFunction = systemLookup,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (err, found) => {
      if (err) return callback(err, "", 0);
      const addresses = typeof found === "string" ? [] : found;
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => mayReach(address)))
        return callback(new ForbiddenAddressError(), "", 0);
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

/** Checks a host that is an IP address. Node.js does not call the lookup for those. */
export function checkLiteral({ hostname }: { hostname: string }, mayReach: (address: string) => boolean): void {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 && !mayReach(host)) throw new ForbiddenAddressError();
}
