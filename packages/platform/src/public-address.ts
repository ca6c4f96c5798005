import ipaddr from "ipaddr.js";
import { flag } from "./environment.ts";

/** Variables of every process that accepts or calls webhook URLs, to be spread into its own `z.object`. Must be equal in all. */
export const webhookEnvironment = {
  /** Allows private addresses and plain HTTP for webhooks. Only for private networks in which every company is trusted. */
  WEBHOOK_ALLOW_PRIVATE: flag().default(false),
};

/**
 * Returns true for publicly routable addresses, and false for all special-purpose ranges of IANA: loopback, private, link-local
 * (which includes the metadata services of most clouds), carrier-grade NAT, multicast and unspecified. Also false for the addresses
 * that clouds route to internal services although they are unicast. An IPv6 address that contains an IPv4 address is checked as that
 * address.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv6 && address.range() === "rfc6052")
    return isPublicAddress(address.toByteArray().slice(12).join("."));
  if (address.range() !== "unicast") return false;
  if (address instanceof ipaddr.IPv6) return isGlobal(address);
  return !cloudServices.some((range) => address.match(range));
}

/** False for hosts that are visibly not public. Names that resolve to private addresses are found at each connection only. */
export function mayBePublicHost(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  const isAddress = /^[\d.]+$/.test(name) || name.includes(":");
  return isAddress ? isPublicAddress(name) : name.includes(".") && !/\.(localhost|local|internal)$/.test(name);
}

/** Other metadata addresses (169.254.169.254, 100.100.100.200, 192.0.0.192, fd00:ec2::254, fd20:ce::254) are in special ranges. */
const cloudServices = [
  "168.63.129.16/32", // Azure: WireServer, which hands out certificates and settings of a virtual machine
  "161.26.0.0/16", // IBM Cloud: internal service endpoints
  "166.8.0.0/14", // IBM Cloud: internal service endpoints
].map((range) => ipaddr.IPv4.parseCIDR(range));

/** The only range from which IANA has assigned public unicast addresses. */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");
const isGlobal = (address: ipaddr.IPv6) => address.match(globalUnicast);
