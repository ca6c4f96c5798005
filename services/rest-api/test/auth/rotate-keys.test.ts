import { randomUUID } from "node:crypto";
import { createMetrics } from "@syszap/platform";
import { databaseTest } from "@syszap/testing";
import { startSmtpTestServer } from "@syszap/testing/smtp";
import { decodeProtectedHeader } from "jose";
import { expect } from "vitest";
import { MailOutbox } from "../../src/mail/mail-outbox.ts";
import { Mailer } from "../../src/mail/mailer.ts";
import type { SigningKeys } from "../../src/signing-key.ts";
import { type Api, newSigningKey, newUser, openApi } from "../support/api-test.ts";
import { invite } from "../support/people.ts";

/** Restarts the API with other keys, on the same database, as the recipe in docs/operations/rotate-secrets.md does. */
const test = databaseTest.extend<{ startWith: (...signingKeys: SigningKeys) => Promise<Api> }>({
  startWith: async ({ database, redisUrl }, use) => {
    const started: Api[] = [];
    await use(async (...signingKeys) => {
      const api = await openApi(database, redisUrl, { sendsMail: true, signingKeys });
      started.push(api);
      return api;
    });
    for (const api of started) await api.close();
  },
});

const kidOf = (token: string) => decodeProtectedHeader(token).kid;
const keySetOf = async (api: Api): Promise<string[]> => {
  const { body } = await api.request.get("/.well-known/jwks.json").expect(200);
  return body.keys.map(({ kid }: { kid: string }) => kid);
};

test("tokens of the old signing key work until it is removed, and new ones have the new key", async ({ startWith }) => {
  const [old, next] = [await newSigningKey("key-2025"), await newSigningKey("key-2026")];
  const before = await startWith(old);
  const user = await newUser(before);
  const isAccepted = async (api: Api, token: string) =>
    (await api.request.get("/v1/chats").set("Authorization", token)).status === 200;

  // Published first, so that gateways know the key before a replica signs with it.
  const published = await startWith(old, next);
  expect(await keySetOf(published)).toEqual([old.kid, next.kid]);
  expect(kidOf((await newUser(published)).bearer.Authorization.slice("Bearer ".length))).toBe(old.kid);

  const switched = await startWith(next, old);
  const later = await newUser(switched);
  expect(kidOf(later.bearer.Authorization.slice("Bearer ".length))).toBe(next.kid);
  expect(await isAccepted(switched, user.bearer.Authorization)).toBe(true);
  // Replicas that have not been restarted yet accept the new key.
  expect(await isAccepted(published, later.bearer.Authorization)).toBe(true);

  const after = await startWith(next);
  expect(await keySetOf(after)).toEqual([next.kid]);
  expect(await isAccepted(after, later.bearer.Authorization)).toBe(true);
  expect(await isAccepted(after, user.bearer.Authorization)).toBe(false);
});

test("tokens of operators, tickets, links to files and challenges rotate too", async ({ startWith }) => {
  const [old, next] = [await newSigningKey("key-2025"), await newSigningKey("key-2026")];
  const { tokens: before } = await startWith(old);
  const login = { id: randomUUID(), expiresAt: new Date(Date.now() + 3_600_000) };
  const access = await before.verifyAccess(
    await before.issueAccess({ userId: randomUUID(), companyId: randomUUID(), loginId: randomUUID(), role: "agent" }),
  );
  const operator = (await before.issueOperator(randomUUID(), login)).token;
  const dashboard = (await before.issueDashboard({ operatorId: randomUUID(), loginId: login.id })).token;
  const file = (await before.issueMediaLink(access, randomUUID())).token;

  const { tokens: during } = await startWith(next, old);
  await during.verifyOperator(operator);
  await during.verifyDashboard(dashboard);
  await during.verifyMediaLink(file);
  for (const token of [
    (await during.issueOperator(randomUUID(), login)).token,
    (await during.issueMediaLink(access, randomUUID())).token,
    (await during.issueTicket(access)).ticket,
  ])
    expect(kidOf(token)).toBe(next.kid);

  const { tokens: after } = await startWith(next);
  await expect(after.verifyOperator(operator)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
  await expect(after.verifyDashboard(dashboard)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
  await expect(after.verifyMediaLink(file)).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
});

test("an invitation that waits for its e-mail is sent with the old key, and works", async ({
  startWith,
  onTestFinished,
}) => {
  const smtp = await startSmtpTestServer();
  onTestFinished(smtp.close);
  const [old, next] = [await newSigningKey("key-2025"), await newSigningKey("key-2026")];
  const before = await startWith(old);
  await invite(before, await newUser(before), { email: "bia@example.com" }).expect(201);

  const { database, links, request } = await startWith(next, old);
  const mailer = new Mailer(`smtp://127.0.0.1:${smtp.port}`, "sysZap <inbox@example.com>");
  const log = { info: () => undefined, warn: () => undefined } as never;
  await new MailOutbox({ database, mailer, links, metrics: createMetrics("rest-api"), log }).sendDue();
  const [, token] = /#([\w-]{43})/.exec(smtp.received[0]?.text ?? "") ?? [];
  await request
    .post("/v1/invitations/accept")
    .send({ token, password: `${randomUUID()} ${randomUUID()}` })
    .expect(200);
});
