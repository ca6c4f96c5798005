import ipaddr from "ipaddr.js";
import { flag } from "./environment.ts";

/** Of every process that takes or uses addresses of webhooks; spread into its own `z.object`. The same everywhere. */
export const webhookEnvironment = {
  /** Lets webhooks go to private addresses and over plain HTTP: for receivers on one's own network, where every company is trusted. */
  WEBHOOK_ALLOW_PRIVATE: flag().default(false),
};

/**
 * True for addresses that anybody on the internet may be reached at. False for all that IANA gave a special purpose: loopback,
 * private, link-local (where clouds tell credentials), carrier-grade NAT, multicast, unspecified. An IPv6 address that carries an
 * IPv4 one is judged by that.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv6 && address.range() === "rfc6052")
    return isPublicAddress(address.toByteArray().slice(12).join("."));
  return address.range() === "unicast" && (address instanceof ipaddr.IPv4 || isGlobal(address));
}

/** All that is given out yet; the rest may become anything. */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");
const isGlobal = (address: ipaddr.IPv6) => address.match(globalUnicast);
