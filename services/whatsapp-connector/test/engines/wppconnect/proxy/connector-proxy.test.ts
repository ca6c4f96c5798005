import { randomBytes } from "node:crypto";
import { MasterKeys, SealedSecrets, sessionKeyPurpose } from "@syszap/platform";
import { startSocksProxy } from "@syszap/testing/proxies";
import { startStandIn } from "@syszap/whatsapp-web-stand-in";
import { expect } from "vitest";
import { deadlineMs } from "../../../support/recorded-events.ts";
import { test } from "../../../support/test-environment.ts";

const key = randomBytes(32).toString("base64");
const credentials = { username: "loja", password: "segredo" };

test("a session uses its stored proxy in the engine's own process, and connects directly after it was removed", {
  timeout: 300_000,
}, async ({ environment, onTestFinished }) => {
  const standIn = await startStandIn();
  onTestFinished(() => standIn.close());
  const [host = "", port = ""] = standIn.address.split(":");
  const proxy = await startSocksProxy({ credentials, route: () => ({ host, port: Number(port) }) });
  onTestFinished(() => proxy.close());
  const companyId = await environment.company();
  const env = { WHATSAPP_WEB_STAND_IN: standIn.address, SESSION_ENCRYPTION_KEY: key, PROXY_ALLOW_PRIVATE: "true" };
  await environment.connector("a", { env });
  const session = await environment.db.withCompany(companyId, async ({ sessions, sessionProxies }) => {
    const created = await sessions.create({ name: "Vendas", engine: "wppconnect" });
    const secrets = new SealedSecrets(MasterKeys.parse(key, sessionKeyPurpose), "proxy");
    const sealedCredentials = secrets.seal(Buffer.from(JSON.stringify(credentials)), `${companyId}|${created.id}`);
    await sessionProxies.set(created.id, { scheme: "socks5", host: "127.0.0.1", port: proxy.port, sealedCredentials });
    return created;
  });
  const nextCode = () => environment.events.next(({ event }) => event.type === "qr_code", deadlineMs);
  const isDirect = (remotePort: number) => !proxy.localPorts.has(remotePort);

  await environment.want(session, companyId, "running");
  await nextCode();
  expect(proxy.targets).toContain("web.whatsapp.com:443");
  expect(standIn.remotePorts.filter(isDirect)).toEqual([]);

  await environment.db.withCompany(companyId, ({ sessionProxies }) => sessionProxies.delete(session.id));
  await environment.publisher.command(companyId, { kind: "proxy_changed", sessionId: session.id });
  await expect.poll(() => standIn.remotePorts.filter(isDirect).length, { timeout: deadlineMs }).toBeGreaterThan(0);
  await nextCode();
  await expect.poll(() => proxy.open, { timeout: deadlineMs }).toBe(0);
});
