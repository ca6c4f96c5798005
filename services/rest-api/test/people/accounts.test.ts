import { randomUUID } from "node:crypto";
import pg from "pg";
import { expect } from "vitest";
import { type Api, eventsOf, newUser, password, type TestUser, test } from "../support/api-test.ts";
import { newAddress, newPassword, signIn, tokenOf } from "../support/people.ts";
import { blackPng } from "../support/png.ts";

type Bearer = TestUser["bearer"];

/** Waits until cached answers have expired; the document promises a second. */
const becomes = (api: Api, bearer: Bearer, status: number) =>
  expect.poll(async () => (await api.request.get("/v1/sessions").set(bearer)).status, { timeout: 60_000 }).toBe(status);
const logIn = (api: Api, email: string, secret: string) =>
  api.request.post("/v1/auth/login").set(newAddress()).send({ email, password: secret });
const refresh = (api: Api, cookie: string) => api.request.post("/v1/auth/refresh").set("Cookie", cookie);

test("disabling a user ends logins, sockets and API keys, and enabling does not revive the logins", async ({ api }) => {
  const owner = await newUser(api);
  const admin = await newUser(api, "admin", owner.companyId);
  const [login, idle] = [await signIn(api, admin.email, password), await signIn(api, admin.email, password)];
  const key = await api.request
    .post("/v1/api-keys")
    .set(login.bearer)
    .send({ name: "ERP", scopes: ["read"] })
    .expect(201);
  const keyBearer = { Authorization: `Bearer ${key.body.secret}` };
  await api.request.get("/v1/chats").set(keyBearer).expect(200);
  const patch = (disabled: boolean) =>
    api.request.patch(`/v1/users/${admin.userId}`).set(owner.bearer).send({ disabled }).expect(200);

  expect((await patch(true)).body.account.state).toBe("disabled");
  await becomes(api, login.bearer, 401);
  await api.request.get("/v1/chats").set(keyBearer).expect(401);
  await api.request.post("/v1/realtime/ticket").set(keyBearer).expect(401);
  await refresh(api, login.cookie).expect(401);
  await logIn(api, admin.email, password).expect(401);
  const changes = (await eventsOf(api, owner.companyId)).filter(({ type }) => type === "access_changed");
  expect(changes).toHaveLength(1);

  await patch(false);
  // Not used while the user was disabled: only disabling can have ended it.
  await refresh(api, idle.cookie).expect(401);
  await refresh(api, login.cookie).expect(401);
  await logIn(api, admin.email, password).expect(200);
});

test("a new role takes effect on requests and closes sockets", async ({ api }) => {
  const owner = await newUser(api);
  const agent = await newUser(api, "agent", owner.companyId);
  const login = await signIn(api, agent.email, password);
  await api.request.get("/v1/audit").set(login.bearer).expect(403);
  await api.request.patch(`/v1/users/${agent.userId}`).set(owner.bearer).send({ role: "admin" }).expect(200);
  await expect
    .poll(async () => (await api.request.get("/v1/audit").set(login.bearer)).status, { timeout: 60_000 })
    .toBe(200);
  expect((await eventsOf(api, owner.companyId)).map(({ type }) => type)).toContain("access_changed");
});

test("a password reset by a manager sets the password and ends all logins", async ({ api }) => {
  const owner = await newUser(api);
  const agent = await newUser(api, "agent", owner.companyId);
  const login = await signIn(api, agent.email, password);
  const reset = () => api.request.post(`/v1/users/${agent.userId}/reset`).set(owner.bearer).expect(200);
  const [first, second] = [tokenOf((await reset()).body), tokenOf((await reset()).body)];
  const confirm = (token: string) =>
    api.request.post("/v1/password-resets/confirm").send({ token, password: newPassword });
  await confirm(first).expect(410);
  await confirm(second).expect(204);
  await confirm(second).expect(410);
  await becomes(api, login.bearer, 401);
  await refresh(api, login.cookie).expect(401);
  await logIn(api, agent.email, password).expect(401);
  await logIn(api, agent.email, newPassword).expect(200);
});

test("a request for a password reset is answered alike and without waiting for the account", async ({
  api,
  database,
}) => {
  const user = await newUser(api);
  // The transaction that creates the link must wait for this lock, so an answer cannot depend on it.
  const blocker = new pg.Client({ connectionString: database.ownerUrl });
  await blocker.connect();
  await blocker.query("begin");
  await blocker.query("lock table audit_log in access exclusive mode");
  const request = (email: string) => api.request.post("/v1/password-resets").set(newAddress()).send({ email });
  const [known, unknown] = [await request(user.email), await request(`${randomUUID()}@example.com`)];
  await blocker.query("rollback");
  await blocker.end();
  const shown = ({ status, body, headers }: typeof known) => ({ status, body, length: headers["content-length"] });
  expect(shown(known)).toEqual({ status: 202, body: { mail: "off" }, length: expect.any(String) });
  expect(shown(known)).toEqual(shown(unknown));
  await api.resets.stop();
  const { body } = await api.request.get("/v1/audit").query({ action: "password_reset_requested" }).set(user.bearer);
  expect(body.items).toMatchObject([{ target: { id: user.userId }, after: { mail: "off" } }]);
});

test("limits password resets of one address and from one address", async ({ api }) => {
  const from = newAddress();
  const email = `${randomUUID()}@example.com`;
  for (let count = 0; count < 5; count++)
    await api.request.post("/v1/password-resets").set(newAddress()).send({ email }).expect(202);
  await api.request.post("/v1/password-resets").set(from).send({ email }).expect(429);
  await api.request.post("/v1/password-resets").set(from).send({ email: email.toUpperCase() }).expect(429);
  await api.request
    .post("/v1/password-resets")
    .set(from)
    .send({ email: `${randomUUID()}@example.com` })
    .expect(202);
});

test("changing the password needs the current one, keeps this login and ends the others", async ({ api }) => {
  const user = await newUser(api, "agent");
  const [mine, other] = [await signIn(api, user.email, password), await signIn(api, user.email, password)];
  const change = (current: string, next: string) =>
    api.request.post("/v1/me/password").set(mine.bearer).send({ current, password: next });
  const { body } = await change("not the password", newPassword).expect(422);
  expect(body.errors).toEqual([{ path: "current", message: "is not your current password" }]);
  await change(password, "too short").expect(422);
  await change(password, newPassword).expect(204);
  await becomes(api, other.bearer, 401);
  await refresh(api, other.cookie).expect(401);
  await refresh(api, mine.cookie).expect(200);
  await logIn(api, user.email, newPassword).expect(200);
});

test("guesses of the current password are limited", async ({ api }) => {
  const user = await newUser(api, "agent");
  const guess = () =>
    api.request.post("/v1/me/password").set(user.bearer).send({ current: "guess", password: newPassword });
  for (let count = 0; count < 10; count++) await guess().expect(422);
  await guess().expect(429);
});

test("lists the own logins with their browsers, and ends one or all of them", async ({ api }) => {
  const user = await newUser(api, "agent");
  const chrome =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
  const mine = await signIn(api, user.email, password, chrome);
  const other = await signIn(api, user.email, password, "curl/8.5.0");
  const list = async () => (await api.request.get("/v1/me/logins").set(mine.bearer).expect(200)).body.items;
  const before = await list();
  expect(before).toHaveLength(2);
  const current = before.find(({ isCurrent }: { isCurrent: boolean }) => isCurrent);
  expect(current).toMatchObject({
    browser: "Chrome",
    system: "Windows",
    address: expect.stringMatching(/^198\.51\.100\./),
  });
  const rest = before.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent);
  await api.request.delete(`/v1/me/logins/${rest.id}`).set(mine.bearer).expect(204);
  await api.request.delete(`/v1/me/logins/${rest.id}`).set(mine.bearer).expect(404);
  await becomes(api, other.bearer, 401);

  const stranger = await signIn(api, (await newUser(api, "agent", user.companyId)).email, password);
  await api.request.delete(`/v1/me/logins/${current.id}`).set(stranger.bearer).expect(404);

  const third = await signIn(api, user.email, password);
  await api.request.delete("/v1/me/logins").query({ keep: "current" }).set(mine.bearer).expect(204);
  await becomes(api, third.bearer, 401);
  await api.request.get("/v1/sessions").set(mine.bearer).expect(200);
  await api.request.delete("/v1/me/logins").set(mine.bearer).expect(204);
  await becomes(api, mine.bearer, 401);
});

test("changes the own name, language and picture, which the company sees", async ({ api }) => {
  const user = await newUser(api, "agent");
  const colleague = await newUser(api, "agent", user.companyId);
  const upload = async ({ bearer }: TestUser) => {
    const request = api.request.post("/v1/media").set(bearer).set("Content-Type", "image/png");
    return (await request.send(blackPng({ width: 64, height: 64 })).expect(201)).body.id;
  };
  const patch = (body: object) => api.request.patch("/v1/me").set(user.bearer).send(body);
  const pictureId = await upload(user);
  const { body: me } = await patch({ name: "Ana Prado", language: "en", pictureId }).expect(200);
  expect(me).toMatchObject({ name: "Ana Prado", language: "en", pictureId });
  await api.request
    .get(`/v1/users/${user.userId}/picture`)
    .set(colleague.bearer)
    .expect(200)
    .expect("Content-Type", "image/webp");
  await api.request.get(`/v1/users/${colleague.userId}/picture`).set(user.bearer).expect(404);
  await patch({ pictureId: randomUUID() }).expect(404);
  await patch({ pictureId: null }).expect(200);
  await api.request.get(`/v1/users/${user.userId}/picture`).set(colleague.bearer).expect(404);
});

test("a user cannot show a file of a chat as picture", async ({ api }) => {
  const user = await newUser(api, "agent");
  const png = blackPng({ width: 8, height: 8 });
  const file = await api.media.put(png, { companyId: user.companyId, mimeType: "image/png", fileName: null });
  const pictureId = await api.database.withCompany(user.companyId, ({ media }) => media.add(file));
  await api.request.patch("/v1/me").set(user.bearer).send({ pictureId }).expect(404);
});
