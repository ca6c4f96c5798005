import { randomUUID } from "node:crypto";
import { Authenticator, databaseTest } from "@syszap/testing";
import { decodeJwt } from "jose";
import { expect } from "vitest";
import { type Api, newUser, openApi, test } from "../support/api-test.ts";
import { asOwner } from "../support/as-owner.ts";
import { createFirstOperator, operatorCredentials, signInFirstOperator, signInOperator } from "../support/operator.ts";
import { newAddress, newProtectedUser } from "../support/second-factor.ts";

const { password } = operatorCredentials;
type Bearer = { Authorization: string };

/** The API as in production. */
const productionTest = databaseTest.extend<{ api: Api }>({
  api: async ({ database, redisUrl }, use) => {
    const api = await openApi(database, redisUrl, { operatorRule: { needsSecondFactor: true } });
    await use(api);
    await api.close();
  },
});

const atLogin = (api: Api, step: string, body: object, from = newAddress()) =>
  api.request.post(`/v1/operator/login/second-factor${step}`).set(from).send(body);
const logIn = (api: Api, login: object = operatorCredentials) =>
  api.request.post("/v1/operator/login").set(newAddress()).send(login);
const own = (api: Api, bearer: Bearer, step: string, body: object) =>
  api.request.post(`/v1/operator/me/second-factor/${step}`).set(bearer).set(newAddress()).send(body);
const stateOf = async (api: Api, bearer: Bearer) =>
  (await api.request.get("/v1/operator/me/second-factor").set(bearer).expect(200)).body;
const bearerOf = (token: string): Bearer => ({ Authorization: `Bearer ${token}` });

/** Creates the first operator, who turns the second factor on. */
async function newProtectedOperator(api: Api) {
  const operator = await signInFirstOperator(api);
  const setup = await own(api, operator.bearer, "setup", { password }).expect(200);
  const app = new Authenticator(setup.body.secret);
  const { body } = await own(api, operator.bearer, "activate", { code: app.next() }).expect(200);
  return { ...operator, app, recoveryCodes: body.recoveryCodes as string[] };
}

productionTest("production lets an operator without a second factor only set it up", async ({ api }) => {
  await createFirstOperator(api);
  const first = await logIn(api).expect(200);
  expect(first.body).toEqual({ secondFactor: "setup_required", challenge: expect.any(String), expiresInSeconds: 900 });
  expect(first.headers).not.toHaveProperty("set-cookie");
  const { challenge } = first.body;
  expect(decodeJwt(challenge).aud).toBe("syszap-operator-second-factor-setup");
  await api.request.get("/v1/operator/companies").set(bearerOf(challenge)).expect(401);
  await atLogin(api, "", { challenge, code: "123456" }).expect(401);

  const setup = await atLogin(api, "/setup", { challenge }).expect(200);
  expect(setup.body.uri).toContain("olga%40example.com");
  const app = new Authenticator(setup.body.secret);
  await atLogin(api, "/activate", { challenge, code: app.at(5) }).expect(422);
  const { body, headers } = await atLogin(api, "/activate", { challenge, code: app.next() }).expect(200);
  expect(body.recoveryCodes).toHaveLength(10);
  expect(headers["set-cookie"]?.[0]).toMatch(/^syszap_operator=.*HttpOnly/);
  const bearer = bearerOf(body.accessToken);
  await api.request.get("/v1/operator/companies").set(bearer).expect(200);
  expect(await stateOf(api, bearer)).toMatchObject({ isOn: true, isRequired: true, recoveryCodesLeft: 10 });
  await own(api, bearer, "disable", { password, code: body.recoveryCodes[0] }).expect(409);
  expect((await logIn(api).expect(200)).body.secondFactor).toBe("code_required");
});

productionTest("production ends logins from before the second factor was required", async ({ api }) => {
  await createFirstOperator(api);
  const operator = await api.database.system.operators.findByEmail(operatorCredentials.email);
  if (!operator) throw new Error("the operator does not exist");
  const login = await api.database.system.operatorLogins.start(operator, 60_000);
  if (!login) throw new Error("the login did not start");
  const { token } = await api.tokens.issueOperator(operator.operator.id, login);
  await api.request.get("/v1/operator/companies").set(bearerOf(token)).expect(401);
  await api.request.get("/v1/operator/me/second-factor").set(bearerOf(token)).expect(401);
  await api.request.post("/v1/operator/auth/refresh").set("Cookie", `syszap_operator=${login.token}`).expect(401);
  const dashboard = await api.tokens.issueDashboard({ operatorId: operator.operator.id, loginId: login.id });
  await api.request.get("/v1/operator/queues/").set("Cookie", `syszap_queues=${dashboard.token}`).expect(401);
});

productionTest("a one-time password is replaced before the second factor is set up", async ({ api }) => {
  const { operators } = api.database.system;
  const expiresAt = new Date(Date.now() + 60_000);
  const oneTime = { email: "otto@example.com", password: "one time only" };
  const passwordHash = await api.passwords.hash(oneTime.password);
  await operators.create({ email: oneTime.email, name: "Otto", passwordHash, expiresAt }, 10);
  await logIn(api, oneTime).expect(403);
  const { body } = await logIn(api, { ...oneTime, newPassword: "my own password" }).expect(200);
  expect(body.secondFactor).toBe("setup_required");
  await atLogin(api, "/setup", { challenge: body.challenge }).expect(200);
});

test("elsewhere an operator signs in with the password, and may turn a second factor on and off", async ({ api }) => {
  const { bearer, app } = await newProtectedOperator(api);
  expect(await stateOf(api, bearer)).toMatchObject({ isOn: true, isRequired: false });
  expect((await logIn(api).expect(200)).body.secondFactor).toBe("code_required");
  await own(api, bearer, "disable", { password: "wrong", code: app.at(1) }).expect(422);
  await own(api, bearer, "disable", { password, code: "000000" }).expect(422);
  await own(api, bearer, "disable", { password, code: app.next() }).expect(204);
  expect((await logIn(api).expect(200)).body).toHaveProperty("accessToken");
});

test("accepts each code and each recovery code of an operator once", async ({ api }) => {
  const { app, recoveryCodes } = await newProtectedOperator(api);
  const { challenge } = (await logIn(api).expect(200)).body;
  const code = app.next();
  const answers = await Promise.all([1, 2, 3].map(() => atLogin(api, "", { challenge, code })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422]);
  const [recoveryCode = ""] = recoveryCodes;
  const { body } = await atLogin(api, "", { challenge, code: recoveryCode }).expect(200);
  await atLogin(api, "", { challenge, code: recoveryCode }).expect(422);
  expect(await stateOf(api, bearerOf(body.accessToken))).toMatchObject({ recoveryCodesLeft: 9 });
});

test("limits wrong codes of an operator", async ({ api }) => {
  await newProtectedOperator(api);
  const { challenge } = (await logIn(api).expect(200)).body;
  const home = newAddress();
  for (let n = 0; n < 10; n++) await atLogin(api, "", { challenge, code: "000000" }, home).expect(422);
  await atLogin(api, "", { challenge, code: "000000" }, home).expect(429);
});

test("keeps the challenges of users and operators apart", async ({ api }) => {
  const { app } = await newProtectedOperator(api);
  const user = await newProtectedUser(api);
  const ofOperator = (await logIn(api).expect(200)).body.challenge;
  const { body } = await api.request
    .post("/v1/auth/login")
    .send({ email: user.email, password: "correct horse battery staple" });
  await atLogin(api, "", { challenge: body.challenge, code: user.app.next() }).expect(401);
  const code = app.next();
  await api.request.post("/v1/auth/login/second-factor").send({ challenge: ofOperator, code }).expect(401);
  await atLogin(api, "", { challenge: ofOperator, code }).expect(200);
  await api.request.get("/v1/operator/me/second-factor").set(user.bearer).expect(401);
});

test("refuses a challenge after the operator was disabled or got another password", async ({ api, database }) => {
  const { id, app } = await newProtectedOperator(api);
  const challenges = [(await logIn(api)).body.challenge, (await logIn(api)).body.challenge];
  await asOwner(database.ownerUrl, "update operators set password_hash = 'another' where id = $1", [id]);
  await atLogin(api, "", { challenge: challenges[0], code: app.at(0) }).expect(401);
  await asOwner(database.ownerUrl, "update operators set disabled_at = now() where id = $1", [id]);
  await atLogin(api, "", { challenge: challenges[1], code: app.at(0) }).expect(401);
});

test("another operator resets a second factor, which ends the logins", async ({ api }) => {
  const olga = await newProtectedOperator(api);
  const person = { email: "otto@example.com", name: "Otto" };
  const { body: created } = await api.request.post("/v1/operator/operators").set(olga.bearer).send(person).expect(201);
  const otto = await signInOperator(api, {
    ...{ email: person.email, password: created.oneTimePassword, newPassword: "my own password" },
  });
  const reset = (by: Bearer, id: string) => api.request.delete(`/v1/operator/operators/${id}/second-factor`).set(by);
  await reset(olga.bearer, olga.id).expect(409);
  await reset(olga.bearer, randomUUID()).expect(404);
  const owner = await newUser(api);
  await reset(owner.bearer, olga.id).expect(401);
  const { body: before } = await api.request.get("/v1/operator/operators").set(otto.bearer).expect(200);
  expect(before.items.map(({ hasSecondFactor }: { hasSecondFactor: boolean }) => hasSecondFactor)).toEqual([
    true,
    false,
  ]);

  await reset(otto.bearer, olga.id).expect(204);
  await api.request.get("/v1/operator/operators").set(olga.bearer).expect(401);
  await api.request.post("/v1/operator/auth/refresh").set(olga.cookie).expect(401);
  expect((await logIn(api).expect(200)).body).toHaveProperty("accessToken");
  expect(api.logged).toContainEqual(expect.objectContaining({ operatorId: otto.id, resetId: olga.id }));
});

test("logs what an operator does with the second factor, without codes", async ({ api }) => {
  const { id, recoveryCodes } = await newProtectedOperator(api);
  const { challenge } = (await logIn(api).expect(200)).body;
  await atLogin(api, "", { challenge, code: recoveryCodes[0] ?? "" }).expect(200);
  const actions = api.logged
    .filter(({ operatorId, action }) => operatorId === id && action)
    .map(({ action }) => action);
  expect(actions).toEqual(["second_factor_enabled", "recovery_code_used"]);
  expect(JSON.stringify(api.logged)).not.toContain(recoveryCodes[0]);
});
