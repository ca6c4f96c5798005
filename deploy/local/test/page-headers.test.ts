import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { startFront } from "../src/system/front.ts";
import { readPageHeaders } from "../src/system/page-headers.ts";
import { startNginx } from "./nginx-server.ts";

/** A built web app, and a server that answers with the forwarded headers it received. */
async function environment() {
  const folder = mkdtempSync(join(tmpdir(), "syszap-pages-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "index.html"), "<title>inbox</title>");
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html.gz"), gzipSync("<title>inbox</title>"));
  writeFileSync(join(folder, "assets", "index-1234.js"), "export {};");
  writeFileSync(join(folder, "assets", "index-1234.js.br"), brotliCompressSync("export {};"));
  writeFileSync(join(folder, "assets", "index-1234.js.gz"), gzipSync("export {};"));
  writeFileSync(join(folder, "assets", "index-1234.css"), "a { color: red; }");
  writeFileSync(join(folder, "assets", "index-1234.css.br"), brotliCompressSync("a { color: red; }"));
  writeFileSync(join(folder, "assets", "small-1234.js"), "import 'x';");
  const echo = createServer((req, res) => res.end(String(req.headers["x-forwarded-for"])));
  echo.on("upgrade", (req, socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(
      `HTTP/1.1 400 Bad Request\r\nX-Received: ${req.headers["x-forwarded-for"]}\r\nConnection: close\r\n\r\n`,
    );
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void echo.close());
  return { folder, backend: `http://127.0.0.1:${(echo.address() as AddressInfo).port}` };
}

const servers = {
  async front(): Promise<string> {
    const { folder, backend } = await environment();
    const front = await startFront({
      port: 0,
      restApis: () => [backend],
      gateways: () => [backend],
      health: async () => ({ status: "ok", services: {} }),
      webApp: { folder },
    });
    onTestFinished(() => front.close());
    return `http://127.0.0.1:${front.port}`;
  },
  async nginx(): Promise<string> {
    const { folder, backend } = await environment();
    const address = new URL(backend).host;
    return (await startNginx({ folder, restApis: [address], gateways: [address] })).url;
  },
};

test("the policy allows no inline code, no other origin and no frame", () => {
  const policy = readPageHeaders()["Content-Security-Policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

describe.each(["front", "nginx"] as const)("%s", (name) => {
  let url = "";
  beforeEach(async () => {
    url = await servers[name]();
  });

  test("sends the same security headers with pages, assets and missing files", async () => {
    const expected = Object.entries(readPageHeaders());
    expect(expected.length).toBeGreaterThanOrEqual(5);
    const statuses = [];
    for (const path of ["/", "/messages/some-chat", "/operator", "/assets/index-1234.js", "/assets/missing.js"]) {
      const answer = await fetch(`${url}${path}`);
      statuses.push(answer.status);
      const received = expected.map(([header]) => [header, answer.headers.get(header)]);
      expect({ path, received }).toEqual({ path, received: expected });
    }
    expect(statuses).toEqual([200, 200, 200, 200, 404]);
  });

  test("caches assets for good and revalidates pages", async () => {
    const cachingOf = async (path: string) => (await fetch(`${url}${path}`)).headers.get("cache-control");
    expect(await cachingOf("/")).toBe("no-cache");
    expect(await cachingOf("/assets/index-1234.js")).toContain("immutable");
    expect((await cachingOf("/assets/missing.js")) ?? "").not.toContain("immutable");
  });

  test("sends the compressed file that the browser accepts, with the type and the headers of the original", async () => {
    // fetch() decodes the body, so each text shows that the encoding is the announced one.
    const get = async (path: string, accepted: string) => {
      const answer = await fetch(`${url}${path}`, { headers: { "accept-encoding": accepted } });
      const { headers } = answer;
      expect(headers.get("vary")).toContain("Accept-Encoding");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      return {
        encoding: headers.get("content-encoding"),
        type: headers.get("content-type"),
        text: await answer.text(),
      };
    };
    const script = { type: expect.stringMatching(/\/javascript/), text: "export {};" };
    const style = { type: expect.stringContaining("text/css"), text: "a { color: red; }" };
    expect(await get("/assets/index-1234.js", "gzip, deflate, br, zstd")).toEqual({ ...script, encoding: "br" });
    expect(await get("/assets/index-1234.js", "gzip, deflate")).toEqual({ ...script, encoding: "gzip" });
    expect(await get("/assets/index-1234.js", "identity")).toEqual({ ...script, encoding: null });
    expect(await get("/assets/index-1234.css", "br")).toEqual({ ...style, encoding: "br" });
    expect(await get("/assets/small-1234.js", "gzip, br")).toMatchObject({ encoding: null, text: "import 'x';" });
    const page = await get("/messages/some-chat", "gzip");
    expect(page).toEqual({
      encoding: "gzip",
      type: expect.stringContaining("text/html"),
      text: "<title>inbox</title>",
    });
    const caching = (await fetch(`${url}/assets/index-1234.js`, { headers: { "accept-encoding": "br" } })).headers;
    expect(caching.get("cache-control")).toContain("immutable");
  });

  test("replaces a forged X-Forwarded-For header", async () => {
    const headers = { "x-forwarded-for": "203.0.113.7", forwarded: "for=203.0.113.7" };
    expect(await (await fetch(`${url}/v1/me`, { headers })).text()).toBe("127.0.0.1");
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write(
      "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n",
    );
    onTestFinished(() => void socket.destroy());
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/X-Received: 127\.0\.0\.1\r\n/i);
  });
});

test("nginx logs no query string, neither of served nor of failed requests", async () => {
  const { folder, backend } = await environment();
  const nginx = await startNginx({ folder, restApis: [new URL(backend).host], gateways: ["127.0.0.1:9"] });
  const headers = { referer: "https://inbox.example.com/?secret-in-referer" };
  await fetch(`${nginx.url}/v1/media/1?token=secret-of-a-link`, { headers });
  await fetch(`${nginx.url}/ws?ticket=secret-ticket`, { headers });
  await fetch(`${nginx.url}/assets/missing.js?secret-of-an-asset`, { headers });
  await fetch(`${nginx.url}/?secret-of-a-page`, { headers });
  await vi.waitFor(() => expect(nginx.logs()).toMatch(/missing\.js[\s\S]*"GET \/ HTTP\/1\.1" 200/), {
    timeout: 60_000,
  });
  expect(nginx.logs()).toContain('"GET /v1/media/1 HTTP/1.1" 200');
  expect(nginx.logs()).toContain('"GET /ws HTTP/1.1" 502');
  expect(nginx.logs()).toContain('"GET /assets/missing.js HTTP/1.1" 404');
  expect(nginx.logs()).not.toContain("secret");
});
