import ipaddr from "ipaddr.js";
import { flag } from "./environment.ts";

/** Variables of every process that accepts or calls webhook URLs, to be spread into its own `z.object`. Must be equal in all. */
export const webhookEnvironment = {
  /** Allows private addresses and plain HTTP for webhooks. Only for private networks in which every company is trusted. */
  WEBHOOK_ALLOW_PRIVATE: flag().default(false),
};

/**
 * Returns true for publicly routable addresses, and false for all special-purpose ranges of IANA: loopback, private, link-local
 * (which includes the credential services of clouds), carrier-grade NAT, multicast and unspecified. An IPv6 address that contains
 * an IPv4 address is checked as that address.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv6 && address.range() === "rfc6052")
    return isPublicAddress(address.toByteArray().slice(12).join("."));
  return address.range() === "unicast" && (address instanceof ipaddr.IPv4 || isGlobal(address));
}

/** The only range from which IANA has assigned public unicast addresses. */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");
const isGlobal = (address: ipaddr.IPv6) => address.match(globalUnicast);
