import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";

/** The receiver's name leads to where nobody outside should be able to make us knock. */
export class ForbiddenAddressError extends Error {
  override readonly name = "ForbiddenAddressError";
  constructor() {
    super("the address is not public");
  }
}

/**
 * Looks names up for a connection and refuses what `mayReach` refuses. The addresses that it judges are the very ones that are
 * connected to, so a name that answers differently the next time gains nothing; one bad address among good ones refuses all.
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

/** For an address in place of a name nothing is looked up. */
export function checkLiteral(url: URL, mayReach: (address: string) => boolean): void {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 && !mayReach(host)) throw new ForbiddenAddressError();
}
