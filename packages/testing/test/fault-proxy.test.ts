import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { startFaultProxy } from "../src/fault-proxy/index.ts";

/** Starts an echo server behind a proxy. `connect` opens clients of the proxy. */
async function openEnvironment() {
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
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString();
    });
    await Promise.race([once(socket, "connect").catch(() => closed), closed]);
    return {
      socket,
      send: (text: string) => socket.write(text),
      received: () => received,
      closed,
    };
  };
  return { proxy, connect };
}

test("a healthy link forwards all bytes and the end of the stream", async () => {
  const { proxy, connect } = await openEnvironment();
  const client = await connect();
  const text = "x".repeat(300_000);
  client.send(text);
  await expect.poll(() => client.received().length).toBe(text.length);
  expect(client.received()).toBe(text);
  client.socket.end();
  await client.closed;
  await expect.poll(() => proxy.openLinks).toBe(0);
});

test("a cut resets the selected links only", async () => {
  const { proxy, connect } = await openEnvironment();
  const [first, second] = [await connect(), await connect()];
  for (const client of [first, second]) client.send("a");
  await expect.poll(() => [first.received(), second.received()]).toEqual(["a", "a"]);
  expect(proxy.cut((link) => link === 0)).toBe(1);
  await first.closed;
  second.send("b");
  await expect.poll(() => second.received()).toBe("ab");
});

test("cutAfter forwards exactly the given number of bytes before the reset", async () => {
  const { proxy, connect } = await openEnvironment();
  const client = await connect();
  client.send("12345");
  await expect.poll(() => client.received()).toBe("12345");
  proxy.cutAfter(3);
  client.send("67890");
  await client.closed;
  expect(client.received()).toBe("12345678");
});

test("a silent link forwards nothing and stays open until heal() resets it; new links work", async () => {
  const { proxy, connect } = await openEnvironment();
  const [silent, healthy] = [await connect(), await connect()];
  proxy.set({ isSilent: true }, (link) => link === 0);
  silent.send("a");
  healthy.send("b");
  await expect.poll(() => healthy.received()).toBe("b");
  expect([silent.received(), silent.socket.destroyed]).toEqual(["", false]);
  proxy.heal();
  await silent.closed;
  const healed = await connect();
  healed.send("c");
  await expect.poll(() => healed.received()).toBe("c");
});

test("each connection can have its own target, as behind a load balancer", async () => {
  const names = ["a", "b"];
  const servers = names.map((name) => createServer((socket) => void socket.on("error", () => {}).end(name)));
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  const proxy = await startFaultProxy((link) => ports[link % 2]);
  onTestFinished(async () => {
    await proxy.close();
    for (const server of servers) server.close();
  });
  const answers: string[] = [];
  for (const _ of names) {
    const socket = createConnection(proxy.port, "127.0.0.1").on("error", () => {});
    answers.push(await text(socket));
  }
  expect(answers).toEqual(names);
  ports.length = 0;
  const refused = createConnection(proxy.port, "127.0.0.1").on("error", () => {});
  await new Promise((resolve) => refused.once("close", resolve));
});

test("a slow link forwards its bytes piece by piece", async () => {
  const { proxy, connect } = await openEnvironment();
  const [slow, healthy] = [await connect(), await connect()];
  proxy.set({ bytesPerSecond: 20 }, (link) => link === 0);
  slow.send("x".repeat(3_000));
  await expect.poll(() => slow.received().length).toBeGreaterThan(0);
  healthy.send("a");
  await expect.poll(() => healthy.received()).toBe("a");
  expect(slow.received().length).toBeLessThan(3_000);
  proxy.set({ bytesPerSecond: 0 });
  await expect.poll(() => slow.received().length).toBe(3_000);
});

test("a delayed link answers after a healthy link that was used later", async () => {
  const { proxy, connect } = await openEnvironment();
  const [late, healthy] = [await connect(), await connect()];
  const order: string[] = [];
  late.socket.on("data", () => order.push("late"));
  healthy.socket.on("data", () => order.push("healthy"));
  proxy.set({ delayMs: 3_000 }, (link) => link === 0);
  late.send("a");
  healthy.send("a");
  await expect.poll(() => order).toEqual(["healthy", "late"]);
});

test("resets new connections while it refuses them", async () => {
  const { proxy, connect } = await openEnvironment();
  proxy.refuse(true);
  await (await connect()).closed;
});
