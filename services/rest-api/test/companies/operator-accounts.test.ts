import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { allowedOrigin, newUser, test } from "../support/api-test.ts";
import { asOwner } from "../support/as-owner.ts";
import { signInFirstOperator, signInOperator } from "../support/operator.ts";

test("continues an operator's login by its cookie until the operator signs out", async ({ api }) => {
  const operator = await signInFirstOperator(api);
  expect(operator.setCookie).toMatch(/; Path=\/v1\/operator\/auth; .*HttpOnly; SameSite=Strict/);
  const refresh = () => api.request.post("/v1/operator/auth/refresh").set(operator.cookie);
  const { body } = await refresh().expect(200);
  expect(body).toMatchObject({ operator: { id: operator.id, name: "Olga" }, loginExpiresAt: expect.any(String) });
  await api.request.get("/v1/operator/operators").set("Authorization", `Bearer ${body.accessToken}`).expect(200);
  await refresh().set("Origin", "https://evil.example.com").expect(403);

  await api.request.post("/v1/operator/auth/logout").set(operator.cookie).set("Origin", allowedOrigin).expect(204);
  await refresh().expect(401);
  await api.request.get("/v1/operator/operators").set("Authorization", `Bearer ${body.accessToken}`).expect(401);
});

test("a new operator replaces the one-time password at the first sign-in", async ({ api }) => {
  const { bearer } = await signInFirstOperator(api);
  const person = { email: "Otto@example.com", name: "Otto" };
  const { body } = await api.request.post("/v1/operator/operators").set(bearer).send(person).expect(201);
  expect(body.operator).toMatchObject({ email: "otto@example.com", hasOneTimePassword: true, isDisabled: false });
  await api.request.post("/v1/operator/operators").set(bearer).send(person).expect(409);

  const logIn = (more: object) => api.request.post("/v1/operator/login").send({ email: person.email, ...more });
  const password = body.oneTimePassword;
  const refused = await logIn({ password }).expect(403);
  expect(refused.body.type).toBe("/problems/password-change-required");
  await logIn({ password, newPassword: "short" }).expect(422);
  await logIn({ password, newPassword: password }).expect(422);
  const newPassword = "a password of my own";
  await signInOperator(api, { email: person.email, password, newPassword });
  await logIn({ password, newPassword }).expect(401);
  await logIn({ password: newPassword }).expect(200);
});

test("disabling or resetting an operator ends the logins; the last active operator stays", async ({ api }) => {
  const olga = await signInFirstOperator(api);
  const post = (path: string, body: object = {}) => api.request.post(path).set(olga.bearer).send(body);
  await post(`/v1/operator/operators/${olga.id}/disable`).expect(409);
  await post(`/v1/operator/operators/${randomUUID()}/disable`).expect(404);

  const created = await post("/v1/operator/operators", { email: "otto@example.com", name: "Otto" }).expect(201);
  const first = { email: "otto@example.com", password: created.body.oneTimePassword, newPassword: "my own password" };
  const otto = await signInOperator(api, first);
  await post(`/v1/operator/operators/${otto.id}/disable`).expect(200);
  await api.request.get("/v1/operator/operators").set(otto.bearer).expect(401);
  await api.request.post("/v1/operator/auth/refresh").set(otto.cookie).expect(401);
  await api.request
    .post("/v1/operator/login")
    .send({ ...first, password: "my own password" })
    .expect(401);
  await post(`/v1/operator/operators/${otto.id}/reset`).expect(409);

  await post(`/v1/operator/operators/${otto.id}/enable`).expect(200);
  const again = await signInOperator(api, { ...first, password: "my own password" });
  const reset = await post(`/v1/operator/operators/${otto.id}/reset`).expect(200);
  await api.request.get("/v1/operator/operators").set(again.bearer).expect(401);
  await signInOperator(api, { ...first, password: reset.body.oneTimePassword, newPassword: "another password" });
});

test("two operators who disable each other at the same time cannot both succeed", async ({ api }) => {
  const olga = await signInFirstOperator(api);
  const { operators } = api.database.system;
  const otto = await operators.create(
    { email: "otto@example.com", name: "Otto", passwordHash: "none", expiresAt: new Date() },
    10,
  );
  const outcomes = await Promise.all([operators.disable(olga.id), operators.disable(otto?.id ?? "")]);
  expect(outcomes.filter(Boolean)).toHaveLength(1);
});

test("accounts of operators are closed to users of companies", async ({ api }) => {
  const owner = await newUser(api);
  for (const path of ["/v1/operator/operators", "/v1/operator/companies", "/v1/operator/health"])
    await api.request.get(path).set(owner.bearer).expect(401);
});

test("deletes old logins, except the newest of each operator", async ({ api, database }) => {
  const { id } = await signInFirstOperator(api);
  const { operatorLogins, operators } = api.database.system;
  await asOwner(
    database.ownerUrl,
    "update operator_logins set created_at = now() - interval '99 days', expires_at = now() - interval '98 days'",
  );
  const operator = await operators.find(id);
  const newest = operator && (await operatorLogins.start(operator, -91 * 24 * 60 * 60 * 1_000));
  await operatorLogins.deleteOld();
  expect(await asOwner(database.ownerUrl, "select id from operator_logins")).toEqual([{ id: newest?.id }]);
  expect((await operators.findAccount(id))?.lastLoginAt).not.toBeNull();
});
