import { mayBePublicHost } from "@syszap/platform";
import { ProblemError } from "./problem.ts";

/** Rejects addresses that are visibly not public. `webhook-sender` checks resolved names at each connection. */
export function requirePublicAddress(field: string, address: string, allowPrivate: boolean): void {
  if (allowPrivate) return;
  const { protocol, hostname } = new URL(address);
  const reject = (message: string) => {
    throw new ProblemError("invalid", "Correct the fields listed in `errors` and try again.", {
      errors: [{ path: field, message }],
    });
  };
  if (protocol !== "https:") reject("must begin with https://");
  if (!mayBePublicHost(hostname.replace(/^\[(.*)\]$/, "$1")))
    reject("must be reachable from the internet: this is a private address");
}
