import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { startFaultProxy } from "../src/fault-proxy/index.ts";

/** A server that says back what it hears, a proxy in front of it, and clients of the proxy. */
async function scene() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await startFaultProxy((server.address() as AddressInfo).port);
  onTestFinished(async () => {
    await proxy.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const connect = async () => {
    const socket = createConnection(proxy.port, "127.0.0.1").on("error", () => {});
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    onTestFinished(() => void socket.destroy());
    let heard = "";
    socket.on("data", (chunk) => {
      heard += chunk.toString();
    });
    await Promise.race([once(socket, "connect").catch(() => closed), closed]);
    return {
      socket,
      say: (text: string) => socket.write(text),
      heard: () => heard,
      closed,
    };
  };
  return { proxy, connect };
}

test("a healthy link passes everything, and its end", async () => {
  const { proxy, connect } = await scene();
  const client = await connect();
  const text = "x".repeat(300_000);
  client.say(text);
  await expect.poll(() => client.heard().length).toBe(text.length);
  expect(client.heard()).toBe(text);
  client.socket.end();
  await client.closed;
  await expect.poll(() => proxy.openLinks).toBe(0);
});

test("a cut resets the chosen links and no others", async () => {
  const { proxy, connect } = await scene();
  const [first, second] = [await connect(), await connect()];
  for (const client of [first, second]) client.say("a");
  await expect.poll(() => [first.heard(), second.heard()]).toEqual(["a", "a"]);
  expect(proxy.cut((link) => link === 0)).toBe(1);
  await first.closed;
  second.say("b");
  await expect.poll(() => second.heard()).toBe("ab");
});

test("a cut in the middle of a frame lets exactly so many bytes through", async () => {
  const { proxy, connect } = await scene();
  const client = await connect();
  client.say("12345");
  await expect.poll(() => client.heard()).toBe("12345");
  proxy.cutAfter(3);
  client.say("67890");
  await client.closed;
  expect(client.heard()).toBe("12345678");
});

test("a half-open link says nothing and does not end; healing ends it, and new ones are well", async () => {
  const { proxy, connect } = await scene();
  const [silent, witness] = [await connect(), await connect()];
  proxy.set({ isSilent: true }, (link) => link === 0);
  silent.say("a");
  witness.say("b");
  await expect.poll(() => witness.heard()).toBe("b");
  expect([silent.heard(), silent.socket.destroyed]).toEqual(["", false]);
  proxy.heal();
  await silent.closed;
  const healed = await connect();
  healed.say("c");
  await expect.poll(() => healed.heard()).toBe("c");
});

test("each connection may go to another server, as a balancer sends it", async () => {
  const names = ["a", "b"];
  const servers = names.map((name) => createServer((socket) => void socket.on("error", () => {}).end(name)));
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  const proxy = await startFaultProxy((link) => ports[link % 2]);
  onTestFinished(async () => {
    await proxy.close();
    for (const server of servers) server.close();
  });
  const heard: string[] = [];
  for (const _ of names) {
    const socket = createConnection(proxy.port, "127.0.0.1").on("error", () => {});
    heard.push(await text(socket));
  }
  expect(heard).toEqual(names);
  ports.length = 0;
  const turnedAway = createConnection(proxy.port, "127.0.0.1").on("error", () => {});
  await new Promise((resolve) => turnedAway.once("close", resolve));
});

test("a slow link drips, a late one delays, and a refused one is reset", async () => {
  const { proxy, connect } = await scene();
  proxy.set({ bytesPerSecond: 1_000 });
  const slow = await connect();
  const startedAt = performance.now();
  slow.say("x".repeat(300));
  await expect.poll(() => slow.heard().length).toBe(300);
  expect(performance.now() - startedAt).toBeGreaterThan(200);
  proxy.heal();
  proxy.set({ delayMs: 50 });
  const late = await connect();
  const saidAt = performance.now();
  late.say("a");
  await expect.poll(() => late.heard(), { interval: 5 }).toBe("a");
  expect(performance.now() - saidAt).toBeGreaterThanOrEqual(95);
  proxy.refuse(true);
  await (await connect()).closed;
});
