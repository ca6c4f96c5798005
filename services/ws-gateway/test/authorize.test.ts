import { randomUUID } from "node:crypto";
import { redisTest } from "@syszap/testing";
import { generateKeyPair } from "jose";
import { expect } from "vitest";
import { accessToken, origin, person, runGateway, sign, ticketClaims, ticketFor } from "./gateway-fixture.ts";

redisTest("a ticket opens one connection and no second", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const ticket = await ticketFor(person());
  expect((await gateway.attempt({ ticket }).welcomed()).data).toMatchObject({ recovered: false });
  expect(await gateway.attempt({ ticket }).refused).toMatchObject({ status: 401 });
});

redisTest("a client that is no browser connects with its access token, without an origin", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const authorization = `Bearer ${await accessToken(who)}`;
  await gateway.attempt({ companyId: who.companyId }, { authorization }).welcomed();
  expect(gateway.getWebSocketStats()).toMatchObject({
    totalConnections: 1,
    connections: [{ companyId: who.companyId, userId: who.userId }],
  });
});

const unsigned = (claims: object) =>
  `${[{ alg: "none", typ: "JWT" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")}.`;
const bad: Record<string, () => string | Promise<string>> = {
  malformed: () => "not.a.token",
  empty: () => "",
  "ended a minute ago": () => ticketFor(person(), { exp: Math.floor(Date.now() / 1_000) - 60 }),
  "made from an access token that ended": () => ticketFor(person(), { ate: 1 }),
  "without an end": () => {
    const { exp: _, ...claims } = ticketClaims(person());
    return sign(claims);
  },
  "for another audience": () => accessToken(person(), { jti: randomUUID(), ate: 2_000_000_000 }),
  "of another issuer": () => ticketFor(person(), { iss: "someone" }),
  "of a stranger's key": async () => sign(ticketClaims(person()), { key: (await generateKeyPair("EdDSA")).privateKey }),
  "of an unknown key": () => sign(ticketClaims(person()), { kid: "other" }),
  unsigned: () => unsigned(ticketClaims(person())),
  "without a company": () => ticketFor(person(), { cid: undefined }),
  "of an unknown role": () => ticketFor(person(), { role: "root" }),
};
redisTest.for(Object.keys(bad))(
  "a ticket that is %s is refused with 401 before the upgrade",
  async (name, { redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    const refusal = await gateway.attempt({ ticket: (await bad[name]?.()) ?? "" }).refused;
    expect(refusal.status).toBe(401);
    expect(refusal.headers["content-type"]).toBe("application/problem+json");
    expect(refusal.problem).toMatchObject({ status: 401, title: expect.any(String) });
    expect(gateway.getWebSocketStats().totalConnections).toBe(0);
  },
);

redisTest("a ticket is no access token", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const authorization = `Bearer ${await ticketFor(person())}`;
  expect(await gateway.attempt({}, { authorization }).refused).toMatchObject({ status: 401 });
});

redisTest("company and user in the URL grant nothing: they agree with the token or it is 403", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  for (const foreign of [{ companyId: randomUUID() }, { userId: randomUUID() }, { companyId: "" }]) {
    const { companyId, userId } = who;
    const refusal = await gateway.attempt({ companyId, userId, ticket: await ticketFor(who), ...foreign }).refused;
    expect(refusal.status).toBe(403);
  }
});

redisTest("a foreign origin is refused, and so is a browser's ticket without any", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const authorization = `Bearer ${await accessToken(person())}`;
  const attempts = [
    gateway.attempt({ ticket: await ticketFor(person()) }, { origin: "https://evil.test" }),
    gateway.attempt({ ticket: await ticketFor(person()) }, { origin: `${origin}.evil.test` }),
    gateway.attempt({ ticket: await ticketFor(person()) }, { origin: "null" }),
    gateway.attempt({ ticket: await ticketFor(person()) }, {}),
    gateway.attempt({}, { origin: "https://evil.test", authorization }),
  ];
  for (const attempt of attempts) expect(await attempt.refused).toMatchObject({ status: 403 });
});

redisTest("a revoked login is refused, and its open sockets close within a second", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const other = person({ companyId: who.companyId });
  const [client, stays] = [await gateway.client(who), await gateway.client(other)];
  const startedAt = performance.now();
  await gateway.publisher.revoke(who.companyId, [who.loginId], 60_000);
  expect(await client.closed).toMatchObject({ code: 4401 });
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(await gateway.attempt({ ticket: await ticketFor(who) }).refused).toMatchObject({ status: 401 });
  stays.send({ type: "ping" });
  await stays.nextOf("pong");
});

redisTest("orders close a user's or a company's sockets and nobody else's", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const { companyId, userId } = person();
  const [first, second] = [
    await gateway.client(person({ companyId, userId })),
    await gateway.client(person({ companyId })),
  ];
  const bystander = await gateway.client(person());
  await gateway.publisher.controlGateways({ kind: "disconnect_user", companyId, userId });
  expect(await first.closed).toMatchObject({ code: 4401 });
  await gateway.publisher.controlGateways({ kind: "disconnect_company", companyId });
  expect(await second.closed).toMatchObject({ code: 4403 });
  bystander.send({ type: "ping" });
  await bystander.nextOf("pong");
});

redisTest("too many connections of one user or one address are 429, until one leaves", async ({ redisUrl }) => {
  const limits = { connectionsPerUser: 2, connectionsPerAddress: 3 };
  const gateway = await runGateway({ redisUrl, limits, trustedProxies: ["127.0.0.0/8"] });
  const who = person();
  const [first] = [await gateway.client(who), await gateway.client(who)];
  const third = await gateway.attempt({ ticket: await ticketFor(who) }).refused;
  expect(third).toMatchObject({ status: 429 });
  expect(Number(third.headers["retry-after"])).toBeGreaterThan(0);
  first.close();
  await first.closed;
  await expect.poll(() => gateway.getWebSocketStats().totalConnections).toBe(1);
  await gateway.client(who);
  await gateway.client(person());
  expect(await gateway.attempt({ ticket: await ticketFor(person()) }).refused).toMatchObject({ status: 429 });
  const elsewhere = { origin, "x-forwarded-for": "198.51.100.7, 203.0.113.9" };
  await gateway.attempt({ ticket: await ticketFor(person()) }, elsewhere).welcomed();
});

redisTest("while the key set can't be read nobody is told that a token is bad: 503", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, keySetUrl: "http://127.0.0.1:1/.well-known/jwks.json" });
  expect(await gateway.attempt({ ticket: await ticketFor(person()) }).refused).toMatchObject({ status: 503 });
});

redisTest("upgrades beyond the rate are 429", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { upgradeBurst: 2, upgradesPerSecond: 0.001 } });
  await gateway.client(person());
  await gateway.client(person());
  expect(await gateway.attempt({ ticket: await ticketFor(person()) }).refused).toMatchObject({ status: 429 });
});
