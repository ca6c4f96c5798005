import { randomUUID } from "node:crypto";
import { redisTest } from "@syszap/testing";
import { generateKeyPair } from "jose";
import { expect } from "vitest";
import { accessToken, apiKeys, origin, person, runGateway, sign, ticketClaims, ticketFor } from "../gateway-fixture.ts";

redisTest("accepts a ticket once and refuses it the second time", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const ticket = await ticketFor(person());
  expect((await gateway.attempt({ ticket }).welcomed()).data).toMatchObject({ recovered: false });
  expect(await gateway.attempt({ ticket }).refused).toMatchObject({ status: 401 });
});

redisTest("accepts an access token without an origin from a client that is not a browser", async ({ redisUrl }) => {
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
  "expired a minute ago": () => ticketFor(person(), { exp: Math.floor(Date.now() / 1_000) - 60 }),
  "issued from an expired access token": () => ticketFor(person(), { ate: 1 }),
  "without an expiry": () => {
    const { exp: _, ...claims } = ticketClaims(person());
    return sign(claims);
  },
  "for another audience": () => accessToken(person(), { jti: randomUUID(), ate: 2_000_000_000 }),
  "from another issuer": () => ticketFor(person(), { iss: "someone" }),
  "signed with an unknown key": async () =>
    sign(ticketClaims(person()), { key: (await generateKeyPair("EdDSA")).privateKey }),
  "with an unknown key id": () => sign(ticketClaims(person()), { kid: "other" }),
  unsigned: () => unsigned(ticketClaims(person())),
  "without a company": () => ticketFor(person(), { cid: undefined }),
  "with an unknown role": () => ticketFor(person(), { role: "root" }),
};
redisTest.for(Object.keys(bad))("refuses a bad ticket with 401 before the upgrade: %s", async (name, { redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const refusal = await gateway.attempt({ ticket: (await bad[name]?.()) ?? "" }).refused;
  expect(refusal.status).toBe(401);
  expect(refusal.headers["content-type"]).toBe("application/problem+json");
  expect(refusal.problem).toMatchObject({ status: 401, title: expect.any(String) });
  expect(gateway.getWebSocketStats().totalConnections).toBe(0);
});

redisTest("refuses a ticket in place of an access token", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const authorization = `Bearer ${await ticketFor(person())}`;
  expect(await gateway.attempt({}, { authorization }).refused).toMatchObject({ status: 401 });
});

redisTest("refuses with 403 when company or user in the URL differ from the token", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  for (const foreign of [{ companyId: randomUUID() }, { userId: randomUUID() }, { companyId: "" }]) {
    const { companyId, userId } = who;
    const refusal = await gateway.attempt({ companyId, userId, ticket: await ticketFor(who), ...foreign }).refused;
    expect(refusal.status).toBe(403);
  }
});

redisTest("refuses a foreign origin, and a ticket without an origin", async ({ redisUrl }) => {
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

redisTest(
  "accepts a ticket of an API key without an origin, and refuses it with a foreign one",
  async ({ redisUrl }) => {
    const gateway = await runGateway({ redisUrl });
    await gateway.attempt({ ticket: await ticketFor(person(), { key: true }) }, {}).welcomed();
    const foreign = gateway.attempt(
      { ticket: await ticketFor(person(), { key: true }) },
      { origin: "https://evil.test" },
    );
    expect(await foreign.refused).toMatchObject({ status: 403 });
  },
);

redisTest("accepts an API key as bearer token without an origin, and says why it refuses one", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const refusalOf = (key: string) => gateway.attempt({}, { authorization: `Bearer ${key}` }).refused;
  await gateway.attempt({}, { authorization: `Bearer ${apiKeys.reader.key}` }).welcomed();
  const { companyId, userId } = apiKeys.reader;
  expect(gateway.getWebSocketStats()).toMatchObject({ connections: [{ companyId, userId }] });
  expect(await refusalOf("syszap_unknown")).toMatchObject({ status: 401 });
  expect(await refusalOf(apiKeys.sender.key)).toMatchObject({
    status: 403,
    problem: { title: "The API key needs the scope read" },
  });
  const busy = await refusalOf(apiKeys.busy.key);
  expect([busy.status, busy.headers["retry-after"]]).toEqual([429, "7"]);
});

redisTest("refuses an API key with 503 while the REST API does not answer", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, keySetUrl: "http://127.0.0.1:1/.well-known/jwks.json" });
  const authorization = `Bearer ${apiKeys.reader.key}`;
  expect(await gateway.attempt({}, { authorization }).refused).toMatchObject({ status: 503 });
});

redisTest("closes the open sockets of a revoked login and refuses new ones", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl });
  const who = person();
  const other = person({ companyId: who.companyId });
  const [client, stays] = [await gateway.client(who), await gateway.client(other)];
  await gateway.publisher.revoke(who.companyId, [who.loginId], 60_000);
  expect(await client.closed).toMatchObject({ code: 4401 });
  expect(await gateway.attempt({ ticket: await ticketFor(who) }).refused).toMatchObject({ status: 401 });
  stays.send({ type: "ping" });
  await stays.nextOf("pong");
});

redisTest("control commands close the sockets of one user or one company only", async ({ redisUrl }) => {
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

redisTest(
  "refuses further connections of one user or one address with 429 until one is closed",
  async ({ redisUrl }) => {
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
  },
);

redisTest("answers 503, not 401, while the key set is unavailable", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, keySetUrl: "http://127.0.0.1:1/.well-known/jwks.json" });
  expect(await gateway.attempt({ ticket: await ticketFor(person()) }).refused).toMatchObject({ status: 503 });
});

redisTest("refuses upgrades beyond the rate with 429", async ({ redisUrl }) => {
  const gateway = await runGateway({ redisUrl, limits: { upgradeBurst: 2, upgradesPerSecond: 0.001 } });
  await gateway.client(person());
  await gateway.client(person());
  expect(await gateway.attempt({ ticket: await ticketFor(person()) }).refused).toMatchObject({ status: 429 });
});
