import { createServer } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { isPublicAddress } from "@syszap/platform";
import { expect, onTestFinished, test as plain } from "vitest";
import { describeFailure, ReceiverClient, type ReceiverClientOptions } from "../src/http/receiver-client.ts";
import { addWebhook, eventually, logOf, tell, test } from "./fixtures.ts";

/** Counts what arrives, on any of this machine's addresses. */
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
/** Answers with the next of these each time that it is asked. */
function resolver(...answers: string[][]): LookupFunction & { asked: number } {
  const lookup = (_name: string, _options: object, callback: Parameters<LookupFunction>[2]) => {
    const addresses = answers[Math.min(lookup.asked++, answers.length - 1)] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  lookup.asked = 0;
  return lookup as LookupFunction & { asked: number };
}

plain.for([
  ...["127.0.0.1", "127.255.0.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  ...["169.254.169.254", "100.64.0.1", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1"],
  ...["::", "::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1"],
  ...["64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1", "::127.0.0.1", "fec0::1", "5f00::1"],
  ...["localhost", "", "1.2.3.4.5"],
])("%s is no public address", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

plain.for(["1.1.1.1", "203.0.112.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])(
  "%s is a public address",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

plain("nothing is sent over plain HTTP, nor to a private address, however it is written", async () => {
  const { port, ...counted } = await listen("127.0.0.1");
  const client = clientWith({});
  for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
    expect([host, await failureOf(client, `https://${host}:${port}/`)]).toEqual([host, forbidden]);
  expect(await failureOf(client, `http://127.0.0.1:${port}/`)).toBe(forbidden);
  expect(await failureOf(client, "http://1.1.1.1/")).toBe(forbidden);
  expect(counted).toEqual({ requests: 0, connections: 0 });
});

plain("a name that leads to a private address is refused before a connection is made", async () => {
  const counted = await listen("127.0.0.1");
  const client = clientWith({ lookup: resolver(["127.0.0.1"]) });
  expect(await failureOf(client, `https://inocente.example:${counted.port}/`)).toBe(forbidden);
  const mixed = clientWith({ lookup: resolver(["203.0.112.1", "::ffff:10.0.0.1"]) });
  expect(await failureOf(mixed, `https://inocente.example:${counted.port}/`)).toBe(forbidden);
  expect(counted.connections).toBe(0);
});

plain("a name that answers differently the next time is judged by the address that is connected to", async () => {
  const open = await listen("127.0.0.1");
  const inner = await listen("127.0.0.2", open.port);
  // Here 127.0.0.1 stands for the internet, and 127.0.0.2 for our own network.
  const lookup = resolver(["127.0.0.1"], ["127.0.0.2"]);
  const client = clientWith({ lookup, allowPrivate: true, mayReach: (address) => address !== "127.0.0.2" });
  const url = `http://inocente.example:${open.port}/`;
  expect(await failureOf(client, url)).toBe("delivered");
  expect(lookup.asked).toBe(1);
  expect(await failureOf(client, url)).toBe(forbidden);
  expect([open.requests, inner.connections]).toEqual([1, 0]);
});

plain("what stands in the log says nothing of our own network", async () => {
  const client = clientWith({ allowPrivate: true });
  const { port } = await listen("127.0.0.1");
  for (const url of [`https://127.0.0.1:${port}/`, "http://127.0.0.1:1/", "http://nao-existe.invalid/"])
    expect(await failureOf(client, url)).not.toMatch(/127|:\d/);
});

test("a sender that may not reach private addresses tells it in the log, and sends nothing", async ({ world }) => {
  const acme = await world.openCompany();
  const receiver = await world.receiver();
  const webhook = await addWebhook(world, acme, receiver.url.replace("http:", "https:"));
  await world.startSender({ WEBHOOK_ALLOW_PRIVATE: "false" });
  await tell(world, acme);
  await eventually(async () => (await logOf(world, acme, webhook))[0]?.tries[0]?.error).toBe(forbidden);
  expect(receiver.received).toEqual([]);
});
