import { Authenticator } from "@syszap/testing";
import { expect } from "vitest";
import { type Api, newUser, password, type TestUser, test } from "../support/api-test.ts";
import { asOwner } from "../support/as-owner.ts";
import {
  challengeOf,
  enterCode,
  logIn,
  newProtectedUser,
  requireOfManagers,
  turnOn,
} from "../support/second-factor.ts";

const path = "/v1/me/second-factor";
const post = (api: Api, user: TestUser, step: string, body: object) =>
  api.request.post(`${path}/${step}`).set(user.bearer).send(body);
const stateOf = async (api: Api, user: TestUser) => (await api.request.get(path).set(user.bearer).expect(200)).body;
const off = { isOn: false, isRequired: false, activatedAt: null, recoveryCodesLeft: 0 };

test("turns the second factor on with the password and a first code", async ({ api }) => {
  const user = await newUser(api, "agent");
  expect(await stateOf(api, user)).toEqual(off);
  const { body } = await post(api, user, "setup", { password }).expect(200);
  const app = new Authenticator(body.secret);
  expect(new URL(body.uri).searchParams.get("secret")).toBe(body.secret);
  expect(await stateOf(api, user)).toEqual(off);
  expect((await logIn(api, user).expect(200)).body).toHaveProperty("accessToken");

  await post(api, user, "activate", { code: app.at(3) }).expect(422);
  const activated = await post(api, user, "activate", { code: app.next() }).expect(200);
  expect(activated.body.recoveryCodes).toHaveLength(10);
  expect(await stateOf(api, user)).toEqual({
    isOn: true,
    isRequired: false,
    activatedAt: expect.any(String),
    recoveryCodesLeft: 10,
  });
  expect((await logIn(api, user).expect(200)).body.secondFactor).toBe("code_required");
});

test("does not start without the password", async ({ api }) => {
  const user = await newUser(api);
  const { body } = await post(api, user, "setup", { password: "wrong" }).expect(422);
  expect(body.type).toBe("/problems/wrong-password");
  await post(api, user, "activate", { code: "123456" }).expect(409);
});

test("limits wrong passwords of somebody who stole an access token", async ({ api }) => {
  const user = await newUser(api);
  const guess = () => post(api, user, "setup", { password: "wrong" }).set("X-Forwarded-For", "192.0.2.77");
  for (let attempt = 0; attempt < 10; attempt++) await guess().expect(422);
  await guess().expect(429);
});

test("replaces a secret that was not activated, and none that was", async ({ api }) => {
  const user = await newUser(api);
  const first = await post(api, user, "setup", { password }).expect(200);
  const second = await post(api, user, "setup", { password }).expect(200);
  await post(api, user, "activate", { code: new Authenticator(first.body.secret).next() }).expect(422);
  const app = new Authenticator(second.body.secret);
  const code = app.next();
  const answers = await Promise.all([1, 2, 3].map(() => post(api, user, "activate", { code })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  await post(api, user, "setup", { password }).expect(409);
  await enterCode(api, await challengeOf(api, user), app.next()).expect(200);
});

test("refuses the code of the activation at the next sign-in", async ({ api }) => {
  const user = await newUser(api);
  const { body } = await post(api, user, "setup", { password }).expect(200);
  const code = new Authenticator(body.secret).next();
  await post(api, user, "activate", { code }).expect(200);
  await enterCode(api, await challengeOf(api, user), code).expect(422);
});

test("replaces the recovery codes with a code", async ({ api }) => {
  const user = await newProtectedUser(api);
  await post(api, user, "recovery-codes", { code: "000000" }).expect(422);
  const { body } = await post(api, user, "recovery-codes", { code: user.app.next() }).expect(200);
  expect(body.recoveryCodes).toHaveLength(10);
  const challenge = await challengeOf(api, user);
  await enterCode(api, challenge, user.recoveryCodes[0] ?? "").expect(422);
  await enterCode(api, challenge, body.recoveryCodes[0]).expect(200);
});

test("turns off with the password and a code or a recovery code, and with nothing less", async ({ api }) => {
  const user = await newProtectedUser(api);
  const [recoveryCode = ""] = user.recoveryCodes;
  await post(api, user, "disable", { password: "wrong", code: recoveryCode }).expect(422);
  await post(api, user, "disable", { password, code: "000000" }).expect(422);
  await post(api, user, "disable", { password }).expect(422);
  await post(api, user, "disable", { code: recoveryCode }).expect(422);
  expect(await stateOf(api, user)).toMatchObject({ isOn: true, recoveryCodesLeft: 10 });
  await post(api, user, "disable", { password, code: recoveryCode }).expect(204);
  expect(await stateOf(api, user)).toEqual(off);
  await post(api, user, "disable", { password, code: recoveryCode }).expect(409);
  await post(api, user, "recovery-codes", { code: recoveryCode }).expect(409);
  await logIn(api, user).expect(({ body }) => expect(body).toHaveProperty("accessToken"));
});

test("does not turn off what the company requires", async ({ api, database }) => {
  const user = await newProtectedUser(api, "admin");
  await requireOfManagers(database.ownerUrl, user.companyId);
  expect(await stateOf(api, user)).toMatchObject({ isOn: true, isRequired: true });
  await post(api, user, "disable", { password, code: user.app.next() }).expect(409);
  expect(await stateOf(api, user)).toMatchObject({ isOn: true });
});

const reset = (api: Api, caller: TestUser, { userId }: TestUser) =>
  api.request.delete(`/v1/users/${userId}/second-factor`).set(caller.bearer);

test("lets managers reset the second factor of colleagues, but an admin not that of an owner", async ({ api }) => {
  const owner = await newProtectedUser(api, "owner");
  const { companyId } = owner;
  const [admin, agent] = [await newUser(api, "admin", companyId), await newProtectedUser(api, "agent", companyId)];
  const otherOwner = await newUser(api, "owner", companyId);
  const { body } = await reset(api, admin, owner).expect(403);
  expect(body.detail).toBe("Only owners manage owners. Ask an owner of your company.");
  await reset(api, agent, admin).expect(403);
  await reset(api, admin, agent).expect(204);
  await reset(api, admin, agent).expect(204);
  expect((await logIn(api, agent).expect(200)).body).toHaveProperty("accessToken");
  expect((await logIn(api, owner).expect(200)).body).toHaveProperty("challenge");
  await reset(api, otherOwner, owner).expect(204);
  expect((await logIn(api, owner).expect(200)).body).toHaveProperty("accessToken");
  await turnOn(api, agent);
});

test("records in the audit log who changed a second factor", async ({ api, database }) => {
  const owner = await newProtectedUser(api);
  const agent = await newProtectedUser(api, "agent", owner.companyId);
  await reset(api, owner, agent).expect(204);
  await reset(api, owner, agent).expect(204);
  const { body } = await post(api, owner, "recovery-codes", { code: owner.app.next() }).expect(200);
  await post(api, owner, "disable", { password, code: "000000" }).expect(422);
  await enterCode(api, await challengeOf(api, owner), owner.recoveryCodes[0] ?? "").expect(422);
  await enterCode(api, await challengeOf(api, owner), body.recoveryCodes[0]).expect(200);
  const rows = await asOwner(
    database.ownerUrl,
    `select action, actor_id as actor, target_id as target from audit_log
     where company_id = $1 and (action like 'second_factor%' or action like 'recovery%') order by occurred_at, id`,
    [owner.companyId],
  );
  const [byOwner, byAgent] = [owner.userId, agent.userId];
  const expected = [
    { action: "second_factor_enabled", actor: byOwner, target: byOwner },
    { action: "second_factor_enabled", actor: byAgent, target: byAgent },
    { action: "second_factor_disabled", actor: byOwner, target: byAgent },
    { action: "recovery_codes_created", actor: byOwner, target: byOwner },
    { action: "recovery_code_used", actor: byOwner, target: byOwner },
  ];
  expect(rows).toHaveLength(expected.length);
  expect(rows).toEqual(expect.arrayContaining(expected));
});

test("does not reset the own second factor, nor that of another company's user", async ({ api }) => {
  const [owner, stranger] = [await newProtectedUser(api), await newUser(api)];
  await reset(api, owner, owner).expect(409);
  await reset(api, stranger, owner).expect(404);
  expect(await stateOf(api, owner)).toMatchObject({ isOn: true });
});
