import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { type Front, startFront } from "../src/system/front.ts";

async function listen(handler: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function webApp(): { folder: string } {
  const folder = mkdtempSync(join(tmpdir(), "syszap-web-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "index.html"), "<title>inbox</title>");
  return { folder };
}

async function front(options: {
  restApis?: string[];
  gateways?: string[];
  port?: number;
}): Promise<Front & { url: string }> {
  const started = await startFront({
    port: options.port ?? 0,
    restApis: () => options.restApis ?? [],
    gateways: () => options.gateways ?? [],
    health: async () => ({ status: "unavailable", services: {} }),
    webApp: webApp(),
  });
  onTestFinished(() => started.close());
  return { ...started, url: `http://127.0.0.1:${started.port}` };
}

test("routes API paths to rest-api with the caller's address, and all others to the web app", async () => {
  const api = await listen((req, res) => res.end(`${req.url} for ${req.headers["x-forwarded-for"]}`));
  const { url } = await front({ restApis: [api.url] });
  const get = (path: string) => fetch(`${url}${path}`).then((answer) => answer.text());
  expect(await get("/v1/me?a=1")).toBe("/v1/me?a=1 for 127.0.0.1");
  expect(await get("/.well-known/jwks.json")).toContain("/.well-known/jwks.json for");
  expect(await get("/")).toContain("inbox");
  expect(await get("/messages/of-a-chat")).toContain("inbox");
  expect((await fetch(`${url}/health`)).status).toBe(503);
});

test("distributes WebSockets over the gateways in round-robin order", async () => {
  const seen: string[] = [];
  const upgrade = (name: string) => async () => {
    const { server, url } = await listen((_req, res) => res.end());
    server.on("upgrade", (_req, socket) => {
      seen.push(name);
      socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    });
    return url;
  };
  const gateways = [await upgrade("one")(), await upgrade("two")()];
  const { port } = await front({ gateways });
  for (const _ of gateways) {
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    expect(await text(socket)).toContain("101");
  }
  expect(seen.sort()).toEqual(["one", "two"]);
});

/** An instance that answers with its name and counts its requests and upgrades, except those for its readiness. */
async function instance(name: string) {
  const state = { isReady: true, served: 0 };
  const { server, url } = await listen((req, res) => {
    if (req.url === "/health/ready") return void res.writeHead(state.isReady ? 200 : 503).end();
    state.served += 1;
    res.writeHead(state.isReady ? 200 : 503).end(name);
  });
  server.on("upgrade", (_req, socket) => {
    state.served += 1;
    socket.end(`HTTP/1.1 ${state.isReady ? "101 Switching Protocols" : "503 Service Unavailable"}\r\n\r\n`);
  });
  return { url, state };
}
async function upgrade(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  return (await text(socket)).slice(9, 12);
}

test("sends no request and no WebSocket to an instance that is stopping", async () => {
  const [leaving, staying] = [await instance("leaving"), await instance("staying")];
  const urls = [leaving.url, staying.url];
  const { url, port } = await front({ restApis: urls, gateways: urls });
  leaving.state.isReady = false;
  for (let count = 0; count < 6; count++) {
    expect(await upgrade(port)).toBe("101");
    expect(await (await fetch(`${url}/v1/me`)).text()).toBe("staying");
  }
  expect(leaving.state.served).toBe(0);
});

test("uses an instance again as soon as it is ready, and any if none is", async () => {
  const [one, two] = [await instance("one"), await instance("two")];
  const { url, port } = await front({ restApis: [one.url, two.url], gateways: [one.url, two.url] });
  one.state.isReady = false;
  two.state.isReady = false;
  expect([await upgrade(port), (await fetch(`${url}/v1/me`)).status]).toEqual(["503", 503]);
  one.state.isReady = true;
  await expect.poll(() => upgrade(port)).toBe("101");
  await expect.poll(async () => (await fetch(`${url}/v1/me`)).status).toBe(200);
});

test("answers 503 with Retry-After while a service is unreachable", async () => {
  const { url } = await front({ restApis: ["http://127.0.0.1:9"] });
  const answer = await fetch(`${url}/v1/me`);
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
});

test("names the requested port if it is taken", async () => {
  const { port } = await front({});
  await expect(front({ port })).rejects.toThrow(`Port ${port} is taken`);
});

test("survives uploads whose connection is cut, and passes the end of the connection on", async () => {
  const closed: boolean[] = [];
  const api = await listen((req, res) => {
    req.on("error", () => undefined).once("close", () => req.method === "POST" && closed.push(req.complete));
    req.resume().once("end", () => res.end("complete"));
  });
  const { url, port } = await front({ restApis: [api.url] });
  const cut = (delayMs: number) =>
    new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => {
        socket.write("POST /v1/media HTTP/1.1\r\nHost: front\r\nContent-Length: 1000000\r\n\r\n");
        socket.write(Buffer.alloc(50_000));
        setTimeout(() => (delayMs % 2 === 0 ? socket.destroy() : socket.resetAndDestroy()), delayMs);
      });
      socket.on("error", () => undefined).once("close", () => resolve());
    });
  await Promise.all(Array.from({ length: 100 }, (_, attempt) => cut(attempt % 51)));
  expect((await fetch(`${url}/v1/media`, { method: "POST", body: "whole" })).status).toBe(200);
  await expect.poll(() => new Promise((resolve) => api.server.getConnections((_err, count) => resolve(count)))).toBe(0);
  expect(closed.filter((isComplete) => isComplete)).toHaveLength(1);
});
