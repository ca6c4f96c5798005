import { createServer, type LookupFunction, type Socket } from "node:net";
import { openTunnel, type ProxyAddress, ProxyError } from "@syszap/platform/proxy";
import { startHttpProxy, startSocksProxy, type TestProxy } from "@syszap/testing/proxies";
import { expect, onTestFinished, test } from "vitest";

const right = { username: "ana", password: "s3cret" };
const target = { host: "web.whatsapp.com", port: 443 };
const starts = { http: startHttpProxy, socks5: startSocksProxy } as const;

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => serve(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

/** A proxy with credentials whose target answers with what it receives. */
async function startProxy(scheme: "http" | "socks5"): Promise<TestProxy> {
  const port = await listen((socket) => void socket.pipe(socket));
  const route = ({ host }: { host: string }) => (host === target.host ? { host: "127.0.0.1", port } : undefined);
  const proxy = await starts[scheme]({ credentials: right, route });
  onTestFinished(() => proxy.close());
  return proxy;
}

const failureOf = (
  proxy: ProxyAddress,
  {
    to = target,
    ...options
  }: { to?: typeof target; allowPrivate?: boolean; timeoutMs?: number; lookup?: LookupFunction } = {},
) =>
  openTunnel(proxy, to, { allowPrivate: true, timeoutMs: 30_000, ...options }).then(
    (socket) => {
      socket.destroy();
      return null;
    },
    (err: ProxyError) => err.failure,
  );

test.for(["http", "socks5"] as const)(
  "%s: carries bytes both ways, and lets the proxy resolve the name",
  async (scheme) => {
    const { port, targets } = await startProxy(scheme);
    const proxy = { scheme, host: "127.0.0.1", port, credentials: right };
    const socket = await openTunnel(proxy, target, { allowPrivate: true, timeoutMs: 30_000 });
    socket.write("ping");
    expect(await new Promise((resolve) => socket.once("data", (data) => resolve(String(data))))).toBe("ping");
    socket.destroy();
    expect(targets).toEqual(["web.whatsapp.com:443"]);
  },
);

test.for(["http", "socks5"] as const)("%s: names each failure", async (scheme) => {
  const { port } = await startProxy(scheme);
  const proxy = { scheme, host: "127.0.0.1", port, credentials: right };
  expect(await failureOf({ ...proxy, credentials: { ...right, password: "wrong" } })).toBe("login_refused");
  expect(await failureOf({ ...proxy, credentials: null })).toBe("login_refused");
  expect(await failureOf(proxy, { to: { host: "internal.example", port: 22 } })).toBe("target_refused");
  expect(await failureOf({ ...proxy, port: 1 })).toBe("not_reachable");
  expect(await failureOf({ ...proxy, host: "proxy.invalid" })).toBe("name_not_found");
  const silent = await listen(() => undefined);
  expect(await failureOf({ ...proxy, port: silent }, { timeoutMs: 300 })).toBe("no_answer_in_time");
  const other = await listen((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
  expect(await failureOf({ ...proxy, port: other })).toBe("not_a_proxy");
});

test("the error contains no credentials", async () => {
  const { port } = await startProxy("http");
  const proxy = { scheme: "http" as const, host: "127.0.0.1", port, credentials: { ...right, password: "wr0ng" } };
  const err = await openTunnel(proxy, target, { allowPrivate: true, timeoutMs: 30_000 }).catch((error) => error);
  expect(err).toBeInstanceOf(ProxyError);
  expect(JSON.stringify([err, err.message, err.stack])).not.toMatch(/wr0ng/);
});

test("connects to public addresses only, in any notation and behind any name", async () => {
  const proxy = await startProxy("socks5");
  const lookup: LookupFunction = (_name, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);
  for (const host of ["127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "inocente.example"]) {
    const address = { scheme: "socks5" as const, host, port: proxy.port, credentials: right };
    expect([host, await failureOf(address, { allowPrivate: false, lookup })]).toEqual([host, "address_not_public"]);
  }
  expect(proxy.targets).toEqual([]);
});
