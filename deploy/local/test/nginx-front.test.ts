import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { request } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSignedCertificate } from "@syszap/whatsapp-web-stand-in";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../src/paths.ts";
import { type NginxServer, startNginx } from "./nginx-server.ts";

/** Answers requests with its name, the path and the client's address. Accepts upgrades, or refuses them with `status`. */
async function startBackend(name: string, status = 101) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((req, res) => {
    res.statusCode = status === 101 ? 200 : status;
    res.setHeader("x-seen-request-id", req.headers["x-request-id"] ?? "none");
    res.end([name, req.url, req.headers["x-forwarded-for"]].join(" "));
  });
  server.on("upgrade", (req, socket: Socket) => {
    socket.on("error", () => socket.destroy());
    if (status !== 101) return void socket.end(`HTTP/1.1 ${status} Unavailable\r\nContent-Length: 0\r\n\r\n`);
    sockets.add(socket);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Gateway: ${name}\r\n` +
        `X-Seen-Request-Id: ${req.headers["x-request-id"]}\r\n\r\n`,
    );
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 16_384 }, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "syszap-front-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a socket through the front. Resolves to the name of its gateway. */
async function openSocket({ port }: NginxServer, query: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write(`GET /ws?${query} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`);
  const [answer] = await once(socket, "data");
  const [, gateway] = /^HTTP\/1\.1 101 [\s\S]*X-Gateway: (\S+)/.exec(String(answer)) ?? [];
  if (gateway === undefined) throw new Error(String(answer));
  return gateway;
}

const companies = Array.from({ length: 40 }, (_, number) => `companyId=${number}`);

test("the connections of a company go to one gateway, and the companies are spread", async () => {
  const gateways = [await startBackend("a"), await startBackend("b")];
  const nginx = await startNginx({
    folder: emptyFolder(),
    restApis: ["127.0.0.1:9"],
    gateways: gateways.map(({ address }) => address),
  });
  const placed = async (query: string) => [await openSocket(nginx, query), await openSocket(nginx, query)];
  const placements = await Promise.all(companies.map(placed));
  for (const [first, second] of placements) expect(second).toBe(first);
  expect(new Set(placements.flat()).size).toBe(2);
});

test("a gateway that is stopping refuses connections, and another one takes them", async () => {
  const [leaving, staying] = [await startBackend("leaving", 503), await startBackend("staying")];
  const gateways = [leaving.address, staying.address];
  const nginx = await startNginx({ folder: emptyFolder(), restApis: ["127.0.0.1:9"], gateways });
  const used = await Promise.all(companies.map((query) => openSocket(nginx, query)));
  expect(new Set(used)).toEqual(new Set(["staying"]));
});

test("holds 5,000 sockets, and more with further workers", async () => {
  const gateways = [await startBackend("a"), await startBackend("b")];
  const nginx = await startNginx({
    folder: emptyFolder(),
    restApis: ["127.0.0.1:9"],
    gateways: gateways.map(({ address }) => address),
  });
  const count = 5_000;
  for (let opened = 0; opened < count; opened += 100)
    await Promise.all(Array.from({ length: 100 }, (_, number) => openSocket(nginx, `companyId=${opened + number}`)));
  expect(gateways.reduce((sum, { sockets }) => sum + sockets.size, 0)).toBe(count);
  const rendered = readFileSync(join(nginx.folder, "generated/events.conf"), "utf8");
  expect(rendered).toBe("worker_connections 55000;\n"); // two for each socket, with two workers
});

test("believes the client's address of trusted proxies only, also of two in a row", async () => {
  const api = await startBackend("api");
  const options = { folder: emptyFolder(), restApis: [api.address], gateways: ["127.0.0.1:9"] };
  const addressSeen = async ({ url }: NginxServer, forwarded: string) => {
    const answer = await fetch(`${url}/v1/me`, { headers: { "x-forwarded-for": forwarded } });
    return (await answer.text()).split(" ").at(-1);
  };
  const open = await startNginx(options);
  expect(await addressSeen(open, "203.0.113.7")).toBe("127.0.0.1");
  const behindProxies = await startNginx({ ...options, env: { FRONT_TRUSTED_PROXIES: "127.0.0.1,10.0.0.0/8" } });
  expect(await addressSeen(behindProxies, "203.0.113.7")).toBe("203.0.113.7");
  expect(await addressSeen(behindProxies, "203.0.113.7, 10.1.2.3")).toBe("203.0.113.7");
  // What the client itself wrote before its own address is not believed.
  expect(await addressSeen(behindProxies, "198.51.100.1, 203.0.113.7, 10.1.2.3")).toBe("203.0.113.7");
});

test("names each request for the services and in its log, and keeps a valid name", async () => {
  const api = await startBackend("api");
  const folder = emptyFolder();
  const log = join(folder, "access.log");
  const nginx = await startNginx({
    ...{ folder, restApis: [api.address], gateways: [api.address] },
    env: { FRONT_ACCESS_LOG: log },
  });
  const nameSeen = async (headers: Record<string, string>) =>
    (await fetch(`${nginx.url}/v1/me`, { headers })).headers.get("x-seen-request-id") ?? "";
  const names = [await nameSeen({ "x-request-id": "from-a-proxy.1" }), await nameSeen({ "x-request-id": "two words" })];
  expect(names).toEqual(["from-a-proxy.1", expect.stringMatching(/^[0-9a-f]{32}$/)]);
  const socket = connect(nginx.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  expect(String((await once(socket, "data"))[0])).toMatch(/^X-Seen-Request-Id: [0-9a-f]{32}\r$/m);
  await expect.poll(() => readFileSync(log, "utf8")).toContain(`request_id=${names[1]} `);
  expect(readFileSync(log, "utf8")).toContain(`request_id=${names[0]} `);
});

test("passes the health of the API on, and no metrics", async () => {
  const api = await startBackend("api");
  const nginx = await startNginx({ folder: emptyFolder(), restApis: [api.address], gateways: ["127.0.0.1:9"] });
  const get = async (path: string) => (await fetch(`${nginx.url}${path}`)).text();
  expect(await get("/health")).toBe("api /health/ready 127.0.0.1");
  expect(await get("/health/live")).toBe("api /health/live 127.0.0.1");
  expect(await get("/metrics")).not.toContain("api");
});

test("asks another API when one is stopping, but does not repeat what changes something", async () => {
  const [leaving, staying] = [await startBackend("leaving", 503), await startBackend("staying")];
  const restApis = [leaving.address, staying.address];
  const nginx = await startNginx({ folder: emptyFolder(), restApis, gateways: ["127.0.0.1:9"] });
  const statusesOf = (method: string) =>
    Promise.all(
      Array.from({ length: 10 }, () => fetch(`${nginx.url}/v1/chats`, { method }).then(({ status }) => status)),
    );
  expect(await statusesOf("POST")).toContain(503);
  expect(new Set(await statusesOf("GET"))).toEqual(new Set([200]));
});

test("speaks TLS with the given certificate", async () => {
  const folder = emptyFolder();
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const made = selfSignedCertificate("inbox.example.com");
  writeFileSync(key, made.key);
  writeFileSync(certificate, made.cert);
  const api = await startBackend("api");
  const env = { FRONT_TLS_CERTIFICATE: certificate, FRONT_TLS_KEY: key };
  const nginx = await startNginx({ folder: emptyFolder(), restApis: [api.address], gateways: ["127.0.0.1:9"], env });
  const answer = await new Promise<string>((resolve, reject) => {
    const options = { ca: made.cert, servername: "inbox.example.com" };
    request(`${nginx.url}/v1/me`, options, async (res) => {
      resolve(String((await res.toArray())[0]));
    })
      .on("error", reject)
      .end();
  });
  expect(answer).toBe("api /v1/me 127.0.0.1");
});

test("refuses a setting that would change the configuration", () => {
  const render = () =>
    execFileSync(join(root, "deploy/front/render.sh"), [emptyFolder()], {
      env: { PATH: process.env.PATH, FRONT_LISTEN: "8080; access_log off" },
      encoding: "utf8",
    });
  expect(render).toThrow("FRONT_LISTEN has characters that are not allowed");
});
