import { randomUUID } from "node:crypto";
import { keys, type RouteDefinition, routes } from "@syszap/contracts";
import { revokedAmong } from "@syszap/event-bus";
import { Authenticator } from "@syszap/testing";
import { decodeJwt } from "jose";
import { expect } from "vitest";
import { type Api, newUser, password, type TestUser, test } from "../support/api-test.ts";
import { invite, newPassword, signIn, tokenOf } from "../support/people.ts";
import {
  challengeOf,
  enterCode,
  logIn,
  newAddress,
  newProtectedUser,
  requireOfManagers,
} from "../support/second-factor.ts";

const guarded = Object.entries<RouteDefinition>(routes).filter(
  ([, { caller }]) => caller === "member" || caller === "manager" || caller === "manager_or_operator",
);
const bearerOf = (token: string) => ({ Authorization: `Bearer ${token}` });
const atLogin = (api: Api, step: string, body: object) =>
  api.request.post(`/v1/auth/login/second-factor${step}`).set(newAddress()).send(body);

test("lets owners and admins without a second factor only set it up, when the company requires it", async ({
  api,
  database,
}) => {
  const admin = await newUser(api, "admin");
  await requireOfManagers(database.ownerUrl, admin.companyId);
  const first = await logIn(api, admin).expect(200);
  expect(first.body).toEqual({ secondFactor: "setup_required", challenge: expect.any(String), expiresInSeconds: 900 });
  expect(first.headers).not.toHaveProperty("set-cookie");
  const { challenge } = first.body;
  await atLogin(api, "", { challenge, code: "123456" }).expect(401);
  await atLogin(api, "/activate", { challenge, code: "123456" }).expect(409);

  const setup = await atLogin(api, "/setup", { challenge }).expect(200);
  const app = new Authenticator(setup.body.secret);
  await atLogin(api, "/activate", { challenge, code: app.at(5) }).expect(422);
  const { body, headers } = await atLogin(api, "/activate", { challenge, code: app.next() }).expect(200);
  expect(body).toMatchObject({ accessToken: expect.any(String), me: { userId: admin.userId } });
  expect(body.recoveryCodes).toHaveLength(10);
  expect(headers).toHaveProperty("set-cookie");
  await api.request.get("/v1/sessions").set(bearerOf(body.accessToken)).expect(200);

  // The challenge was for the setup only.
  const code = app.next();
  for (const step of ["", "/setup", "/activate"]) await atLogin(api, step, { challenge, code }).expect(401);
  expect((await logIn(api, admin).expect(200)).body.secondFactor).toBe("code_required");
});

test("refuses every endpoint to logins without the required second factor, and ends them", async ({
  api,
  database,
}) => {
  const admin = await newUser(api, "admin");
  const { body, headers } = await logIn(api, admin).expect(200);
  const cookie = (headers["set-cookie"] as unknown as string[])[0]?.split(";")[0] ?? "";
  await requireOfManagers(database.ownerUrl, admin.companyId);
  const bearer = bearerOf(body.accessToken);
  for (const [name, { method, path }] of guarded) {
    const { status } = await api.request[method](path.replaceAll(/:\w+/g, randomUUID())).set(bearer);
    expect({ name, status }).toEqual({ name, status: 401 });
  }
  await api.request.post("/v1/auth/refresh").set("Cookie", cookie).expect(401);
});

test("does not concern agents, API keys and other companies", async ({ api, database }) => {
  const owner = await newProtectedUser(api, "owner");
  const [agent, stranger] = [await newUser(api, "agent", owner.companyId), await newUser(api, "owner")];
  const admin = await newUser(api, "admin", owner.companyId);
  const key = await api.request
    .post("/v1/api-keys")
    .set(admin.bearer)
    .send({ name: "CRM", scopes: ["read"] });
  await requireOfManagers(database.ownerUrl, owner.companyId);
  await api.request.get("/v1/chats").set(bearerOf(key.body.secret)).expect(200);
  await api.request.get("/v1/chats").set(owner.bearer).expect(200);
  await api.request.get("/v1/chats").set(agent.bearer).expect(200);
  await api.request.get("/v1/chats").set(stranger.bearer).expect(200);
  // Another admin, because answers about a login are cached for half a second.
  const otherAdmin = await newUser(api, "admin", owner.companyId);
  await api.request.get("/v1/chats").set(otherAdmin.bearer).expect(401);
  for (const user of [agent, stranger]) expect((await logIn(api, user)).body).toHaveProperty("accessToken");
});

test("keeps the links of an API key whose creator has no second factor", async ({ api, database }) => {
  const admin = await newUser(api, "admin");
  const { companyId } = admin;
  const key = await api.request
    .post("/v1/api-keys")
    .set(admin.bearer)
    .send({ name: "CRM", scopes: ["read"] });
  const file = await api.media.put(Buffer.from("x"), { companyId, mimeType: "text/plain", fileName: null });
  const mediaId = await api.database.withCompany(companyId, ({ media }) => media.add(file));
  await requireOfManagers(database.ownerUrl, companyId);
  const link = await api.request.post(`/v1/media/${mediaId}/link`).set(bearerOf(key.body.secret)).expect(200);
  await api.request.get(link.body.url).expect(200);
});

test("is set by an owner or admin who has a second factor", async ({ api }) => {
  const owner = await newUser(api, "owner");
  const admin = await newProtectedUser(api, "admin", owner.companyId);
  const requireBy = (user: TestUser, requireSecondFactor: string) =>
    api.request.patch("/v1/company").set(user.bearer).send({ requireSecondFactor });
  const { body: refused } = await requireBy(owner, "managers").expect(409);
  expect(refused.detail).toContain("Turn on your own second factor first");
  await requireBy(owner, "everybody").expect(422);
  const { body } = await requireBy(admin, "managers").expect(200);
  expect(body).toMatchObject({ requireSecondFactor: "managers", agentsSee: "team" });
  expect((await logIn(api, owner).expect(200)).body.secondFactor).toBe("setup_required");
  await requireBy(admin, "none").expect(200);
  expect((await logIn(api, owner).expect(200)).body).toHaveProperty("accessToken");
});

test("asks for the setup again after a colleague reset the second factor", async ({ api, database }) => {
  const owner = await newProtectedUser(api, "owner");
  const admin = await newProtectedUser(api, "admin", owner.companyId);
  await requireOfManagers(database.ownerUrl, owner.companyId);
  await api.request.delete(`/v1/users/${admin.userId}/second-factor`).set(owner.bearer).expect(204);
  const { body } = await api.request.post("/v1/auth/login").send({ email: admin.email, password }).expect(200);
  expect(body.secondFactor).toBe("setup_required");
});

/** The users whose sockets the gateways close, and whose older tickets they refuse. */
const reconnecting = (api: Api, companyId: string) => api.redis.hkeys(keys.rights(companyId));

test("signs out owners and admins without a second factor when an admin turns the rule on", async ({ api }) => {
  const owner = await newProtectedUser(api, "owner");
  const { companyId } = owner;
  const [admin, agent] = [await newUser(api, "admin", companyId), await newUser(api, "agent", companyId)];
  const [ofAdmin, ofAgent] = [await signIn(api, admin.email, password), await signIn(api, agent.email, password)];
  await api.request.patch("/v1/company").set(owner.bearer).send({ requireSecondFactor: "managers" }).expect(200);
  expect(await reconnecting(api, companyId)).toEqual([admin.userId]);
  const ended = String(decodeJwt(ofAdmin.bearer.Authorization).lid);
  expect(await revokedAmong(api.redis, [ended])).toEqual(new Set([ended]));
  await api.request.get("/v1/me").set(ofAdmin.bearer).expect(401);
  await api.request.post("/v1/auth/refresh").set("Cookie", ofAdmin.cookie).expect(401);
  for (const { bearer } of [ofAgent, owner]) await api.request.get("/v1/me").set(bearer).expect(200);

  // A login from before the rule does not continue after the setup.
  await turnOnAtLogin(api, admin);
  await api.request.get("/v1/me").set(ofAdmin.bearer).expect(401);
  await api.request.post("/v1/auth/refresh").set("Cookie", ofAdmin.cookie).expect(401);
});

/** Sets up the required second factor. Resolves with the answer of the sign-in. */
async function turnOnAtLogin(api: Api, user: { email: string }) {
  const { body } = await logIn(api, user).expect(200);
  return activateAtLogin(api, body.challenge);
}

async function activateAtLogin(api: Api, challenge: string) {
  const setup = await atLogin(api, "/setup", { challenge }).expect(200);
  const code = new Authenticator(setup.body.secret).next();
  return (await atLogin(api, "/activate", { challenge, code }).expect(200)).body;
}

test("a reset of the second factor signs the colleague out, who then sets it up again", async ({ api }) => {
  const owner = await newProtectedUser(api, "owner");
  const admin = await newProtectedUser(api, "admin", owner.companyId);
  await api.request.patch("/v1/company").set(owner.bearer).send({ requireSecondFactor: "managers" }).expect(200);
  const { body } = await enterCode(api, await challengeOf(api, admin), admin.app.next()).expect(200);
  const bearer = bearerOf(body.accessToken);
  await api.request.get("/v1/me").set(bearer).expect(200);
  await api.request.delete(`/v1/users/${admin.userId}/second-factor`).set(owner.bearer).expect(204);
  expect(await reconnecting(api, owner.companyId)).toEqual([admin.userId]);
  await expect.poll(async () => (await api.request.get("/v1/me").set(bearer)).status, { timeout: 120_000 }).toBe(401);
  const again = await turnOnAtLogin(api, admin);
  await api.request.get("/v1/me").set(bearerOf(again.accessToken)).expect(200);
});

test("an invited admin gets no login before the second factor is set up", async ({ api, database }) => {
  const owner = await newProtectedUser(api, "owner");
  await requireOfManagers(database.ownerUrl, owner.companyId);
  const accept = async (role: "admin" | "agent") => {
    const { body } = await invite(api, owner, { email: `${randomUUID()}@example.com`, role }).expect(201);
    const answer = { token: tokenOf(body.invitation), password: newPassword };
    return api.request.post("/v1/invitations/accept").set(newAddress()).send(answer).expect(200);
  };
  const { body, headers } = await accept("admin");
  expect(body).toEqual({ secondFactor: "setup_required", challenge: expect.any(String), expiresInSeconds: 900 });
  expect(headers).not.toHaveProperty("set-cookie");
  const activated = await activateAtLogin(api, body.challenge);
  expect(activated).toMatchObject({ me: { role: "admin" }, recoveryCodes: expect.any(Array) });
  await api.request.get("/v1/me").set(bearerOf(activated.accessToken)).expect(200);
  expect((await accept("agent")).body).toHaveProperty("accessToken");
});
