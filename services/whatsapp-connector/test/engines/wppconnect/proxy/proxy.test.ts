import type { ProxyAddress } from "@syszap/platform/proxy";
import { startHttpProxy, startSocksProxy, type TestProxy } from "@syszap/testing/proxies";
import { describe, expect, onTestFinished } from "vitest";
import { newKey } from "../../../support/recorded-events.ts";
import { ana, chatOf, type EngineFixture, shop, test } from "../../../support/wppconnect/wppconnect.ts";

const credentials = { username: "loja", password: "segredo" };
const starts = { http: startHttpProxy, socks5: startSocksProxy } as const;
const mayBePrivate = { allowPrivateProxies: true };

/** A proxy with credentials that leads to the stand-in. Every other host is refused. */
async function startProxy(fixture: EngineFixture, scheme: "http" | "socks5"): Promise<TestProxy> {
  const [host = "", port = ""] = fixture.standIn.address.split(":");
  const route = (target: { host: string; port: number }) => {
    if (target.host === "web.whatsapp.com") return { host, port: Number(port) };
    return target.host === "127.0.0.1" ? target : undefined;
  };
  const proxy = await starts[scheme]({ credentials, route });
  onTestFinished(() => proxy.close());
  return proxy;
}
const through = (
  scheme: "http" | "socks5",
  { port }: { port: number },
  password = credentials.password,
): ProxyAddress => ({
  ...{ scheme, host: "127.0.0.1", port },
  credentials: { ...credentials, password },
});

/** Connections that reached the stand-in without the proxy. */
const directConnections = ({ standIn }: EngineFixture, { localPorts }: TestProxy) =>
  standIn.remotePorts.filter((port) => !localPorts.has(port));

describe("a proxy of a session", { timeout: 300_000 }, () => {
  test.for(["http", "socks5"] as const)(
    "%s: carries everything, also pictures, and nothing leaves directly",
    async (scheme, { fixture }) => {
      const proxy = await startProxy(fixture, scheme);
      const phone = fixture.standIn.phone(shop, "Loja");
      phone.setPicture(ana, Buffer.from("a picture"));
      const engine = await fixture.start(mayBePrivate, {}, through(scheme, proxy));
      const { events, standIn } = fixture;
      standIn.scan((await events.code()).raw, phone);
      await events.state("connected");
      phone.receive({ from: ana, body: "pelo proxy" });
      await events.message("pelo proxy");
      await engine.send({ kind: "text", waKey: newKey(), waChatId: chatOf(ana), body: "de volta" });
      expect(Buffer.from((await engine.fetchProfilePicture(ana)) ?? []).toString()).toBe("a picture");
      expect(proxy.targets).toContain("web.whatsapp.com:443");
      expect(proxy.targets.some((target) => target.startsWith("127.0.0.1:"))).toBe(true);
      expect(directConnections(fixture, proxy)).toEqual([]);
      expect(proxy.refusedLogins).toBe(0);
      const commandLines = (await fixture.processes()).map(({ commandLine }) => commandLine);
      expect(commandLines.join(" ")).not.toContain(credentials.password);
      expect(fixture.log).not.toContain(credentials.password);
      await fixture.stop();
      await expect.poll(() => proxy.open, { timeout: 60_000 }).toBe(0);
    },
  );

  test.for(["http", "socks5"] as const)(
    "%s: a wrong password is proxy_login_refused, and nothing connects directly",
    async (scheme, { fixture }) => {
      const proxy = await startProxy(fixture, scheme);
      await fixture.start(mayBePrivate, {}, through(scheme, proxy, "errada"));
      expect(await fixture.events.state("reconnecting")).toMatchObject({ reason: "proxy_login_refused" });
      expect(proxy.refusedLogins).toBeGreaterThan(0);
      expect([directConnections(fixture, proxy), proxy.targets]).toEqual([[], []]);
    },
  );

  test("a proxy that ends and returns is proxy_failed, and the same browser reconnects", async ({ fixture }) => {
    const proxy = await startProxy(fixture, "http");
    const phone = fixture.standIn.phone(shop, "Loja");
    await fixture.start(mayBePrivate, {}, through("http", proxy));
    const { events, standIn } = fixture;
    standIn.scan((await events.code()).raw, phone);
    await events.state("connected");
    const { port } = proxy;
    await proxy.close();
    expect((await events.state("reconnecting")).reason).toMatch(/^(network_lost|proxy_failed)$/);
    await expect.poll(() => events.states.all.at(-1)?.reason, { timeout: 60_000 }).toBe("proxy_failed");
    await proxy.listen(port);
    await events.state("connected");
  });

  test("a private address is refused: proxy_failed", async ({ fixture }) => {
    const proxy = await startProxy(fixture, "http");
    await fixture.start({}, {}, through("http", proxy));
    expect(await fixture.events.state("reconnecting")).toMatchObject({ reason: "proxy_failed" });
    expect(proxy.open).toBe(0);
  });
});
