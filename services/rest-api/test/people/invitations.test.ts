import { randomBytes } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import { keys } from "@syszap/contracts";
import pLimit from "p-limit";
import pg from "pg";
import { expect } from "vitest";
import { defaultLimits } from "../../src/limit-environment.ts";
import { hashLinkToken } from "../../src/people/account-links.ts";
import { startServer } from "../../src/server.ts";
import { type Api, allowedOrigin, newUser, openApi, test } from "../support/api-test.ts";
import { invite, newAddress, newPassword, tokenOf } from "../support/people.ts";

test("a person accepts an invitation, is signed in, and can sign in again with the password", async ({ api }) => {
  const owner = await newUser(api);
  const { body } = await invite(api, owner, { email: "Bruno@Example.com", name: "Bruno Lima", role: "admin" });
  expect(body).toEqual({
    user: {
      id: expect.any(String),
      name: "Bruno Lima",
      pictureId: null,
      account: expect.objectContaining({
        email: "bruno@example.com",
        role: "admin",
        state: "invited",
        language: "pt-BR",
        lastSeenAt: null,
        invitation: { mail: "off", expiresAt: body.invitation.expiresAt },
      }),
    },
    invitation: {
      mail: "off",
      link: expect.stringMatching(/^https:.*\/invitation#[\w-]{43}$/),
      expiresAt: expect.any(String),
    },
  });
  expect(body.invitation.link).toContain(allowedOrigin);
  const token = tokenOf(body.invitation);

  const read = await api.request.post("/v1/invitations/read").send({ token }).expect(200);
  expect(read.body).toMatchObject({ companyName: "Padaria São João", email: "bruno@example.com", name: "Bruno Lima" });

  const accept = { token, password: newPassword, name: "Bruno L.", language: "en" };
  const accepted = await api.request.post("/v1/invitations/accept").send(accept).expect(200);
  expect(accepted.body.me).toMatchObject({ userId: body.user.id, role: "admin", name: "Bruno L.", language: "en" });
  expect(accepted.headers["set-cookie"]?.[0]).toMatch(/^syszap_refresh=.*HttpOnly/);
  await api.request.get("/v1/sessions").set("Authorization", `Bearer ${accepted.body.accessToken}`).expect(200);
  const login = { email: "bruno@example.com", password: newPassword };
  await api.request.post("/v1/auth/login").set(newAddress()).send(login).expect(200);

  const { body: list } = await api.request.get("/v1/users").set(owner.bearer).expect(200);
  const bruno = list.items.find(({ id }: { id: string }) => id === body.user.id);
  expect(bruno.account).toMatchObject({ state: "active", invitation: null, lastSeenAt: expect.any(String) });
});

test("an invitation cannot be used twice, altered, after a new one, after its end or as a password reset", async ({
  api,
  database,
}) => {
  const owner = await newUser(api);
  const { body } = await invite(api, owner, { email: "bia@example.com" });
  const first = tokenOf(body.invitation);
  const { body: again } = await api.request.post(`/v1/users/${body.user.id}/invitation`).set(owner.bearer).expect(200);
  const second = tokenOf(again);
  const altered = `${second.slice(0, -1)}${second.endsWith("A") ? "B" : "A"}`;
  const refused = async (token: string, path = "/v1/invitations/accept") => {
    const { body: problem } = await api.request.post(path).send({ token, password: newPassword }).expect(410);
    expect(problem).toMatchObject({ type: "/problems/link-invalid" });
    return problem;
  };
  const problems = [await refused(first), await refused(altered), await refused(randomBytes(32).toString("base64url"))];
  await refused(second, "/v1/password-resets/confirm");
  await api.request.post("/v1/invitations/accept").send({ token: second, password: newPassword }).expect(200);
  problems.push(await refused(second));
  expect(new Set(problems.map((problem) => JSON.stringify(problem))).size).toBe(1);

  const { body: late } = await invite(api, owner, { email: "late@example.com" });
  await change(database.ownerUrl, `update account_links set expires_at = now() - interval '1 second'`);
  await refused(tokenOf(late.invitation));
  await api.request
    .post("/v1/invitations/read")
    .send({ token: tokenOf(late.invitation) })
    .expect(410);
});

test("of concurrent uses of one invitation exactly one succeeds", async ({ api }) => {
  const { body } = await invite(api, await newUser(api), { email: "bia@example.com" });
  const accept = { token: tokenOf(body.invitation), password: newPassword };
  const answers = await Promise.all(
    [1, 2, 3].map(() =>
      api.request
        .post("/v1/invitations/accept")
        .send(accept)
        .then(({ status }) => status),
    ),
  );
  expect(answers.sort()).toEqual([200, 410, 410]);
});

test("a revoked invitation ends, and its address can be invited again", async ({ api }) => {
  const owner = await newUser(api);
  const { body } = await invite(api, owner, { email: "bia@example.com" });
  await api.request.delete(`/v1/users/${body.user.id}/invitation`).set(owner.bearer).expect(204);
  await api.request
    .post("/v1/invitations/read")
    .send({ token: tokenOf(body.invitation) })
    .expect(410);
  await api.request.delete(`/v1/users/${body.user.id}/invitation`).set(owner.bearer).expect(404);
  const { body: again } = await invite(api, owner, { email: "bia@example.com" });
  await api.request
    .post("/v1/invitations/accept")
    .send({ token: tokenOf(again.invitation), password: newPassword })
    .expect(200);
  await api.request.delete(`/v1/users/${again.user.id}/invitation`).set(owner.bearer).expect(409);
});

test("an address of another company cannot be invited, and the answer does not say where it is", async ({ api }) => {
  const [owner, stranger] = [await newUser(api), await newUser(api)];
  const request = { name: "Bia", role: "agent" };
  const post = (email: string) =>
    api.request
      .post("/v1/users")
      .set(owner.bearer)
      .send({ ...request, email });
  const { body: foreign } = await post(stranger.email.toUpperCase()).expect(409);
  expect(foreign).toEqual({
    type: "/problems/address-unavailable",
    title: "This address cannot be invited",
    status: 409,
    detail: "This address cannot be invited. Use another address of the person.",
  });
  const { body: own } = await post(owner.email).expect(409);
  expect(own).toMatchObject({ type: "/problems/conflict", detail: expect.stringContaining("already has a user") });
});

test("refuses addresses that only look like another one, and weak passwords", async ({ api }) => {
  const owner = await newUser(api);
  const addresses = [
    "аna@example.com",
    "ana@exаmple.com",
    "ana＠example.com",
    "ana@example.com\u200b",
    "ａna@example.com",
  ];
  for (const email of addresses) {
    const { body } = await api.request.post("/v1/users").set(owner.bearer).send({ email, name: "Ana", role: "agent" });
    expect({ email, status: body.status, path: body.errors?.[0].path }).toEqual({ email, status: 422, path: "email" });
  }
  const { body } = await invite(api, owner, { email: "bianca@example.com", name: "Marta Dias" });
  const token = tokenOf(body.invitation);
  for (const password of [
    "short",
    "aaaaaaaaaaaa",
    "my-bianca-2024",
    "marta dias 77",
    "x".repeat(201),
    "nul\u0000character",
  ]) {
    const answer = await api.request.post("/v1/invitations/accept").send({ token, password });
    expect({ password, status: answer.status }).toEqual({ password, status: 422 });
    expect(answer.body.errors[0].path).toBe("password");
  }
  await api.request.post("/v1/invitations/accept").send({ token, password: newPassword }).expect(200);
});

const requests = 10_000;
const connections = 16;
const countersOf = async ({ redis }: Api) => (await redis.keys(keys.attempts("invitation", "*"))).length;

test("of 10,000 invitations in an hour only the limit is stored and mailed, and the others are refused with the time to wait", async ({
  database,
  redisUrl,
  onTestFinished,
}) => {
  const api = await openApi(database, redisUrl, { sendsMail: true });
  const { port, close } = await startServer(api.app, { host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    await close();
    await api.close();
  });
  const counters = await countersOf(api);
  const max = defaultLimits.LIMIT_INVITATIONS_PER_HOUR;
  const [owner, other] = [await newUser(api), await newUser(api)];
  // One request at a time on each of a few connections: a client of Node.js that is faster than `fetch`.
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  onTestFinished(() => agent.destroy());
  const target = { host: "127.0.0.1", port, agent, method: "POST", path: "/v1/users" };
  const post = (email: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...owner.bearer, "Content-Type": "application/json" };
      const sent = httpRequest({ ...target, headers }, (answer) => {
        answer.resume().once("end", () => resolve(answer.statusCode));
      });
      sent.once("error", reject).end(JSON.stringify({ email, name: "Bia", role: "agent" }));
    });
  const limit = pLimit(connections);
  // Under load the server may answer 503 (try again), which stores nothing.
  const postUntilDecided = async (email: string): Promise<number | undefined> => {
    const status = await post(email);
    return status === 503 ? postUntilDecided(email) : status;
  };
  const statuses = await limit.map(Array.from({ length: requests }), (_, index) =>
    postUntilDecided(`bia${index}@example.com`),
  );
  const countOf = (wanted: number) => statuses.filter((status) => status === wanted).length;
  const others = new Set(statuses.filter((status) => status !== 201 && status !== 429));
  expect({ created: countOf(201), refused: countOf(429), others }).toEqual({
    created: max,
    refused: requests - max,
    others: new Set(),
  });
  const { body: problem, headers } = await invite(api, owner, { email: "one.more@example.com" }).expect(429);
  expect(problem.detail).toMatch(/^Your company can send 100 invitations and links per hour\. Wait \d+ seconds/);
  expect(Number(headers["retry-after"])).toBeGreaterThan(60);
  expect(Number(headers["retry-after"])).toBeLessThanOrEqual(3_600);

  const [stored] = await change(
    database.ownerUrl,
    `select (select count(*)::int from users where activated_at is null) as invited,
       (select count(*)::int from account_links where mail = 'queued') as mails,
       (select count(*)::int from account_links) as links,
       (select count(*)::int from audit_log where action = 'user_invited') as audited`,
  );
  expect(stored).toEqual({ invited: max, mails: max, links: max, audited: max });
  // One counter in Redis, however many requests.
  expect(await countersOf(api)).toBe(counters + 1);
  await invite(api, other, { email: "caio@example.com" }).expect(201);
}, 3_600_000);

test("stores and logs no token", async ({ api, database }) => {
  const { body } = await invite(api, await newUser(api), { email: "bia@example.com" });
  const token = tokenOf(body.invitation);
  const rows = await change(database.ownerUrl, "select * from account_links");
  expect(rows[0].token_hash).toEqual(hashLinkToken(token));
  for (const table of ["account_links", "audit_log", "users"])
    expect(JSON.stringify(await change(database.ownerUrl, `select * from ${table}`))).not.toContain(token);
  expect(JSON.stringify(api.logged)).not.toContain(token);
});

async function change(ownerUrl: string, sql: string) {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}
