import { createServer } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { isPublicAddress } from "@syszap/platform";
import { expect, onTestFinished, test as plain } from "vitest";
import { describeFailure, ReceiverClient, type ReceiverClientOptions } from "../src/http/receiver-client.ts";
import { addWebhook, deliveriesOf, emitStatus, eventually, test } from "./fixtures.ts";

/** Starts a server on a loopback address that counts connections and requests. */
async function listen(host: string, port = 0) {
  const server = createServer((_req, res) => {
    counted.requests++;
    res.writeHead(200, { connection: "close" }).end();
  });
  server.on("connection", () => counted.connections++);
  const counted = { port: 0, requests: 0, connections: 0 };
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  counted.port = (server.address() as AddressInfo).port;
  onTestFinished(() => void server.close());
  return counted;
}
function clientWith(options: Partial<ReceiverClientOptions>): ReceiverClient {
  const client = new ReceiverClient({ allowPrivate: false, timeoutMs: 2_000, ...options });
  onTestFinished(() => client.close());
  return client;
}
const failureOf = (client: ReceiverClient, url: string) =>
  client.post(url, {}, "{}").then(
    () => "delivered",
    (err) => describeFailure(err).error,
  );
const forbidden = "the address is not public: events are not sent there";
/** Creates a DNS lookup that returns the next of `answers` for each call, and repeats the last. */
function createLookup(...answers: string[][]): LookupFunction & { calls: number } {
  const lookup = (_name: string, _options: object, callback: Parameters<LookupFunction>[2]) => {
    const addresses = answers[Math.min(lookup.calls++, answers.length - 1)] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  lookup.calls = 0;
  return lookup as LookupFunction & { calls: number };
}

plain.for([
  "127.0.0.1",
  "127.255.0.9",
  "0.0.0.0",
  "10.0.0.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "192.0.0.192",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "240.0.0.1",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "fe80::1",
  "fc00::1",
  "fd00:ec2::254",
  "ff02::1",
  "64:ff9b::7f00:1",
  "64:ff9b::a00:1",
  "2002:7f00:1::",
  "2001:db8::1",
  "::127.0.0.1",
  "fec0::1",
  "5f00::1",
  // Services of clouds: Azure, IBM Cloud, Alibaba, Tencent, AWS (ECS), Google.
  "168.63.129.16",
  "::ffff:168.63.129.16",
  "64:ff9b::a83f:8110",
  "161.26.0.10",
  "166.9.1.1",
  "100.100.100.200",
  "169.254.0.23",
  "169.254.170.2",
  "fd20:ce::254",
  "localhost",
  "",
  "1.2.3.4.5",
])("%s is not a public address", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

plain.for(["1.1.1.1", "168.63.129.17", "203.0.112.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])(
  "%s is a public address",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

plain("rejects plain HTTP and private addresses in any notation", async () => {
  const { port, ...counted } = await listen("127.0.0.1");
  const client = clientWith({});
  for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
    expect([host, await failureOf(client, `https://${host}:${port}/`)]).toEqual([host, forbidden]);
  expect(await failureOf(client, `http://127.0.0.1:${port}/`)).toBe(forbidden);
  expect(await failureOf(client, "http://1.1.1.1/")).toBe(forbidden);
  expect(counted).toEqual({ requests: 0, connections: 0 });
});

plain("rejects a name that resolves to a private address before it connects", async () => {
  const counted = await listen("127.0.0.1");
  const client = clientWith({ lookup: createLookup(["127.0.0.1"]) });
  expect(await failureOf(client, `https://inocente.example:${counted.port}/`)).toBe(forbidden);
  const mixed = clientWith({ lookup: createLookup(["203.0.112.1", "::ffff:10.0.0.1"]) });
  expect(await failureOf(mixed, `https://inocente.example:${counted.port}/`)).toBe(forbidden);
  expect(counted.connections).toBe(0);
});

plain("checks the address to which it connects when a name resolves differently each time", async () => {
  const open = await listen("127.0.0.1");
  const inner = await listen("127.0.0.2", open.port);
  // In this test 127.0.0.1 is a public address and 127.0.0.2 an internal one.
  const lookup = createLookup(["127.0.0.1"], ["127.0.0.2"]);
  const client = clientWith({ lookup, allowPrivate: true, mayReach: (address) => address !== "127.0.0.2" });
  const url = `http://inocente.example:${open.port}/`;
  expect(await failureOf(client, url)).toBe("delivered");
  expect(lookup.calls).toBe(1);
  expect(await failureOf(client, url)).toBe(forbidden);
  expect([open.requests, inner.connections]).toEqual([1, 0]);
});

plain("describes failures without details of our own network", async () => {
  const client = clientWith({ allowPrivate: true });
  const { port } = await listen("127.0.0.1");
  for (const url of [`https://127.0.0.1:${port}/`, "http://127.0.0.1:1/", "http://nao-existe.invalid/"])
    expect(await failureOf(client, url)).not.toMatch(/127|:\d/);
});

test("logs a private address as the reason and sends nothing to it", async ({ environment }) => {
  const acme = await environment.openCompany();
  const receiver = await environment.receiver();
  const webhook = await addWebhook(environment, acme, receiver.url.replace("http:", "https:"));
  await environment.startSender({ WEBHOOK_ALLOW_PRIVATE: "false" });
  await emitStatus(environment, acme);
  await eventually(async () => (await deliveriesOf(environment, acme, webhook))[0]?.tries[0]?.error).toBe(forbidden);
  expect(receiver.received).toEqual([]);
});
