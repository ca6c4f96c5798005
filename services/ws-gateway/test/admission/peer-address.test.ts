import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { createPeerAddress } from "../../src/admission/peer-address.ts";

const request = (remoteAddress: string | undefined, forwardedFor?: string) =>
  ({ socket: { remoteAddress }, headers: { "x-forwarded-for": forwardedFor } }) as unknown as IncomingMessage;

const addressOf = createPeerAddress(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]);

test.for<[string, string | undefined, string | undefined, string]>([
  ["takes the peer's address when no proxy is involved", "203.0.113.9", undefined, "203.0.113.9"],
  ["ignores X-Forwarded-For of an untrusted peer", "203.0.113.9", "198.51.100.7", "203.0.113.9"],
  ["takes the entry that a trusted proxy added", "10.0.0.5", "198.51.100.7", "198.51.100.7"],
  ["ignores entries left of the nearest untrusted one", "10.0.0.5", "1.1.1.1, 198.51.100.7", "198.51.100.7"],
  ["passes over a chain of trusted proxies", "10.0.0.5", "198.51.100.7, 192.0.2.1, 10.1.2.3", "198.51.100.7"],
  ["takes the farthest proxy when all entries are trusted", "10.0.0.5", "10.0.0.7, 10.0.0.6", "10.0.0.7"],
  ["takes a trusted proxy that forwards no address", "10.0.0.5", undefined, "10.0.0.5"],
  ["trusts IPv6 proxies", "2001:db8::1", "2606:4700::1111", "2606:4700::/64"],
  ["counts an IPv6 client by its /64", "2606:4700:0:1:abcd:1:2:3", undefined, "2606:4700:0:1::/64"],
  ["counts another address of the /64 alike", "2606:4700:0:1::9", undefined, "2606:4700:0:1::/64"],
  ["counts the neighbouring /64 separately", "2606:4700:0:2::9", undefined, "2606:4700:0:2::/64"],
  ["counts a link-local peer without its zone", "fe80::1%eth0", undefined, "fe80::/64"],
  ["removes the IPv4 mapping in hexadecimal", "::ffff:cb00:7109", undefined, "203.0.113.9"],
  ["removes the IPv4 mapping of the peer", "::ffff:203.0.113.9", undefined, "203.0.113.9"],
  ["trusts a mapped address of a trusted IPv4 proxy", "::ffff:10.0.0.5", "198.51.100.7", "198.51.100.7"],
  ["removes the IPv4 mapping of a forwarded address", "10.0.0.5", "::FFFF:198.51.100.7", "198.51.100.7"],
  ["takes the proxy instead of a forwarded entry that is no address", "10.0.0.5", "unknown", "10.0.0.5"],
  ["takes the nearest valid entry before an invalid one", "10.0.0.5", "x.test:80, 10.0.0.6", "10.0.0.6"],
  ["returns an empty address when the peer is gone", undefined, undefined, ""],
])("%s", ([, remoteAddress, forwardedFor, expected]) => {
  expect(addressOf(request(remoteAddress, forwardedFor))).toBe(expected);
});

test.for([
  ["0.0.0.0/0", "203.0.113.9"],
  ["0.0.0.0/0", "10.0.0.5"],
  ["::/0", "2606:4700::1111"],
  ["::/0", "::1"],
] as const)("accepts the range %s, which contains every address of its family", ([range, peer]) => {
  expect(createPeerAddress([range])(request(peer, "198.51.100.7"))).toBe("198.51.100.7");
});

test("trusts nothing when no proxy is configured", () => {
  expect(createPeerAddress([])(request("127.0.0.1", "198.51.100.7"))).toBe("127.0.0.1");
});
