import { startHttpProxy, type TestProxy } from "@syszap/testing/proxies";
import { expect, onTestFinished } from "vitest";
import { type Api, listen, newUser, openApi, type TestUser, test } from "../support/api-test.ts";

const credentials = { username: "loja", password: "segredo-do-proxy" };
const setting = { scheme: "socks5", host: "proxy.example.com", port: 1080, credentials };
const shown = { scheme: "socks5", host: "proxy.example.com", port: 1080, hasCredentials: true };

async function newSession(api: Api, user: TestUser, engine = "wppconnect"): Promise<string> {
  const { body } = await api.request.post("/v1/sessions").set(user.bearer).send({ name: "Vendas", engine }).expect(201);
  return `/v1/sessions/${body.id}`;
}

test("sets, shows and removes a proxy, never returns its credentials, and notifies the connector", async ({ api }) => {
  const user = await newUser(api);
  const path = await newSession(api, user);
  const commands = await listen(api.redis, [`cmd:{${user.companyId}}`]);
  onTestFinished(() => commands.close());
  expect((await api.request.get(`${path}/proxy`).set(user.bearer).expect(200)).body.proxy).toBeNull();
  const set = await api.request.put(`${path}/proxy`).set(user.bearer).send(setting).expect(200);
  expect(set.body.proxy).toEqual(shown);
  expect((await commands.next()).message).toMatchObject({ kind: "proxy_changed" });
  const got = await api.request.get(`${path}/proxy`).set(user.bearer).expect(200);
  expect(got.body.proxy).toEqual(shown);
  await api.request.delete(`${path}/proxy`).set(user.bearer).expect(204);
  expect((await commands.next()).message).toMatchObject({ kind: "proxy_changed" });
  expect((await api.request.get(`${path}/proxy`).set(user.bearer).expect(200)).body.proxy).toBeNull();
  const audit = await api.request.get("/v1/audit").set(user.bearer).expect(200);
  expect(audit.body.items.slice(0, 2)).toMatchObject([
    { action: "session_proxy_removed", before: shown },
    { action: "session_proxy_set", after: shown },
  ]);
  const all = JSON.stringify([set.body, got.body, audit.body, api.logged]);
  expect(all).not.toContain(credentials.password);
  expect(all).not.toContain(credentials.username);
});

test("stores credentials encrypted for their session only", async ({ api }) => {
  const user = await newUser(api);
  const paths = [await newSession(api, user), await newSession(api, user)];
  for (const path of paths) await api.request.put(`${path}/proxy`).set(user.bearer).send(setting).expect(200);
  const sealed = await api.database.withCompany(user.companyId, ({ sessionProxies }) =>
    Promise.all(paths.map(async (path) => (await sessionProxies.find(path.slice(-36)))?.sealedCredentials)),
  );
  const [first, second] = sealed.map((bytes) => bytes?.toString("latin1") ?? "");
  expect(first).not.toContain(credentials.password);
  expect(first).not.toBe(second);
});

test("refuses agents, other companies, engines without proxies and addresses that are not public", async ({ api }) => {
  const owner = await newUser(api);
  const path = await newSession(api, owner);
  const agent = await newUser(api, "agent", owner.companyId);
  const stranger = await newUser(api);
  await api.request.put(`${path}/proxy`).set(agent.bearer).send(setting).expect(403);
  await api.request.get(`${path}/proxy`).set(agent.bearer).expect(403);
  for (const method of ["get", "delete"] as const)
    await api.request[method](`${path}/proxy`).set(stranger.bearer).expect(404);
  await api.request.put(`${path}/proxy`).set(stranger.bearer).send(setting).expect(404);
  await api.request.post(`${path}/proxy/test`).set(stranger.bearer).expect(404);
  const simulated = await newSession(api, owner, "simulator");
  await api.request.put(`${simulated}/proxy`).set(owner.bearer).send(setting).expect(409);
  const hosts = ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "localhost", "redis", "db.internal", "a b", "x/y"];
  for (const host of hosts) {
    const { status, body } = await api.request
      .put(`${path}/proxy`)
      .set(owner.bearer)
      .send({ ...setting, host });
    expect([host, status, body.errors?.[0]?.path]).toEqual([host, 422, "host"]);
  }
});

test("the test of a proxy says that it works, or why not", async ({ database, redisUrl }) => {
  const api = await openApi(database, redisUrl, { allowPrivateProxies: true });
  onTestFinished(() => api.close());
  const user = await newUser(api);
  const path = await newSession(api, user);
  await api.request.post(`${path}/proxy/test`).set(user.bearer).expect(409);
  const target: TestProxy = await startHttpProxy({ route: () => undefined });
  const proxy = await startHttpProxy({ credentials, route: () => ({ host: "127.0.0.1", port: target.port }) });
  onTestFinished(() => Promise.all([proxy.close(), target.close()]).then(() => undefined));
  const testWith = async (change: object) => {
    const body = { scheme: "http", host: "127.0.0.1", port: proxy.port, credentials, ...change };
    await api.request.put(`${path}/proxy`).set(user.bearer).send(body).expect(200);
    return (await api.request.post(`${path}/proxy/test`).set(user.bearer).expect(200)).body.failure;
  };
  expect(await testWith({})).toBeNull();
  expect(proxy.targets).toEqual(["web.whatsapp.com:443"]);
  expect(await testWith({ credentials: { ...credentials, password: "errada" } })).toBe("login_refused");
  expect(await testWith({ credentials: null })).toBe("login_refused");
  expect(await testWith({ port: 1 })).toBe("not_reachable");
  expect(await testWith({ scheme: "socks5" })).toBe("not_a_proxy");
});

test("limits the tests of a company", async ({ database, redisUrl }) => {
  const api = await openApi(database, redisUrl, { limits: { LIMIT_PROXY_TESTS_PER_MINUTE: 1 } });
  onTestFinished(() => api.close());
  const user = await newUser(api);
  const path = await newSession(api, user);
  await api.request.post(`${path}/proxy/test`).set(user.bearer).expect(409);
  await api.request.post(`${path}/proxy/test`).set(user.bearer).expect(429);
});

test("the test of a proxy connects to public addresses only", async ({ api }) => {
  const user = await newUser(api);
  const path = await newSession(api, user);
  const inner = await startHttpProxy({ route: () => undefined });
  onTestFinished(() => inner.close());
  // A name that resolves to this machine, and an address that was stored while private ones were allowed.
  await api.database.withCompany(user.companyId, ({ sessionProxies }) =>
    sessionProxies.set(path.slice(-36), {
      scheme: "http",
      host: "127.0.0.1",
      port: inner.port,
      sealedCredentials: null,
    }),
  );
  const { body } = await api.request.post(`${path}/proxy/test`).set(user.bearer).expect(200);
  expect(body.failure).toBe("address_not_public");
  expect(inner.open).toBe(0);
});
