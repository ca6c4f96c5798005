import { randomUUID } from "node:crypto";
import type { AuditEntry } from "@syszap/contracts";
import pg from "pg";
import { expect } from "vitest";
import { type Api, newUser, password, type TestUser, test } from "../support/api-test.ts";
import { asOwner } from "../support/as-owner.ts";
import { invite, newAddress, signIn } from "../support/people.ts";

const list = async (api: Api, { bearer }: Pick<TestUser, "bearer">, query: object = {}): Promise<AuditEntry[]> =>
  (await api.request.get("/v1/audit").query(query).set(bearer).expect(200)).body.items;

/** Adds entries without the actions. */
async function addEntries(api: Api, { companyId, userId }: TestUser, names: string[]): Promise<void> {
  for (const name of names)
    await api.database.withCompany(companyId, ({ audit }) =>
      audit.record({ kind: "user", id: userId }, { action: "settings_changed", after: { name } }),
    );
}

test("records who managed what, from where and with which login", async ({ api }) => {
  const user = await newUser(api);
  const address = newAddress();
  const login = await signIn(api, user.email, password);
  const post = (path: string, body: object) => api.request.post(path).set(login.bearer).set(address).send(body);
  const { body: invited } = await post("/v1/users", { email: "bia@example.com", name: "Bia", role: "agent" });
  const patch = (body: object) => api.request.patch(`/v1/users/${invited.user.id}`).set(login.bearer).send(body);
  await patch({ role: "admin" }).expect(200);
  const { body: key } = await post("/v1/api-keys", { name: "ERP", scopes: ["read"] }).expect(201);
  await api.request.delete(`/v1/api-keys/${key.id}`).set(login.bearer).expect(204);
  const hook = await post("/v1/webhooks", { url: "https://erp.example.com/hook?token=abc" }).expect(201);
  await api.request.post(`/v1/webhooks/${hook.body.id}/disable`).set(login.bearer).expect(200);
  await api.request.delete(`/v1/webhooks/${hook.body.id}`).set(login.bearer).expect(204);
  const session = await post("/v1/sessions", { name: "Vendas" }).expect(201);
  await api.request.delete(`/v1/sessions/${session.body.id}`).set(login.bearer).expect(204);
  await post("/v1/consumers", { name: "erp" });
  await post("/v1/realtime/broadcast", { to: { reach: "company" }, title: "Um aviso secreto" }).expect(202);

  const entries = await list(api, login);
  expect(entries.map(({ action }) => action)).toEqual([
    "broadcast_sent",
    "consumer_created",
    "session_removed",
    "session_created",
    "webhook_removed",
    "webhook_disabled",
    "webhook_created",
    "api_key_revoked",
    "api_key_created",
    "user_role_changed",
    "user_invited",
    "signed_in",
  ]);
  const invitation = entries.find(({ action }) => action === "user_invited");
  expect(invitation).toMatchObject({
    actor: { kind: "user", id: user.userId, name: "Ana Souza", address: address["X-Forwarded-For"] },
    target: { kind: "user", id: invited.user.id, name: "Bia" },
    before: null,
    after: { email: "bia@example.com", role: "agent" },
  });
  expect(invitation?.actor.loginId).toEqual(entries.at(-1)?.actor.loginId);
  expect(entries.find(({ action }) => action === "user_role_changed")).toMatchObject({
    before: { role: "agent" },
    after: { role: "admin" },
  });
  const text = JSON.stringify(entries);
  for (const secret of [key.secret, hook.body.secret, "token=abc", "Um aviso secreto", password])
    expect(text).not.toContain(secret);
});

test("an entry exists exactly if its change does", async ({ api }) => {
  const user = await newUser(api);
  const failure = api.database.withCompany(user.companyId, async ({ audit }) => {
    await audit.record({ kind: "system" }, { action: "settings_changed" });
    throw new Error("the change failed");
  });
  await expect(failure).rejects.toThrow("the change failed");
  await api.request.patch(`/v1/users/${randomUUID()}`).set(user.bearer).send({ role: "admin" }).expect(404);
  await invite(api, user, { email: user.email });
  expect(await list(api, user)).toEqual([]);
});

test("no role of a service can change an entry, and the app role cannot delete one", async ({ api, database }) => {
  const user = await newUser(api);
  await addEntries(api, user, ["a"]);
  for (const [url, sql] of [
    [database.appUrl, "update audit_log set action = 'x'"],
    [database.appUrl, "delete from audit_log"],
    [database.systemUrl, "update audit_log set action = 'x'"],
    [database.systemUrl, "select before from audit_log"],
  ] as const) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await expect(client.query(sql)).rejects.toMatchObject({ code: "42501" });
    await client.end();
  }
});

test("filters by person, action, target and time, page by page", async ({ api, database }) => {
  const owner = await newUser(api);
  const admin = await newUser(api, "admin", owner.companyId);
  await addEntries(api, owner, ["1", "2", "3"]);
  await addEntries(api, admin, ["4", "5"]);
  await invite(api, admin, { email: "bia@example.com" }).expect(201);
  expect(await list(api, owner, { actor: owner.userId })).toHaveLength(3);
  expect(await list(api, owner, { action: "user_invited" })).toHaveLength(1);
  const [entry] = await list(api, owner, { action: "user_invited" });
  expect(await list(api, owner, { target: entry?.target?.id })).toEqual([entry]);
  expect(await list(api, owner, { from: entry?.occurredAt })).toEqual([entry]);
  expect(await list(api, owner, { to: entry?.occurredAt })).toHaveLength(5);

  const seen: string[] = [];
  let before: string | null | undefined;
  do {
    const query: object = { limit: 2, ...(before && { before }) };
    const { body } = await api.request.get("/v1/audit").query(query).set(owner.bearer).expect(200);
    seen.push(...body.items.map(({ id }: AuditEntry) => id));
    before = body.next;
  } while (before !== null);
  expect(new Set(seen).size).toBe(6);
  expect(seen).toHaveLength(6);

  expect(await list(api, await newUser(api))).toEqual([]);
  await api.request
    .get("/v1/audit")
    .set((await newUser(api, "agent", owner.companyId)).bearer)
    .expect(403);
  for (const query of [{ actor: "x" }, { action: "x" }, { from: "yesterday" }, { nonsense: "1" }, { before: "x" }])
    await api.request.get("/v1/audit").query(query).set(owner.bearer).expect(422);
  expect(await api.database.system.audit.deleteOld(730)).toBe(0);
  const aged = "update audit_log set occurred_at = now() - interval '731 days' where actor_id = $1";
  await asOwner(database.ownerUrl, aged, [owner.userId]);
  expect(await api.database.system.audit.deleteOld(730)).toBe(3);
});

test("exports CSV that no spreadsheet runs as formulas", async ({ api }) => {
  const owner = await newUser(api);
  const evil = ["=cmd()", "+1", "-1", "@sum", "\ttab", 'quote " and, comma', "line\r\nbreak"];
  for (const name of evil) {
    const user = await newUser(api, "agent", owner.companyId);
    await api.request.patch(`/v1/users/${user.userId}`).set(owner.bearer).send({ name }).expect(200);
  }
  const { text, headers } = await api.request.get("/v1/audit.csv").set(owner.bearer).expect(200);
  expect(headers["content-type"]).toBe("text/csv; charset=utf-8");
  expect(headers["content-disposition"]).toContain("attachment");
  expect(text.startsWith("time,action,actor_kind,")).toBe(true);
  expect(text.split("\r\n").filter((line) => /,user_updated,/.test(line))).toHaveLength(evil.length);
  expect(text).toContain(",'=cmd(),");
  expect(text).toContain(`,"quote "" and, comma",`);
  expect(text).not.toMatch(/(^|,)"?[=+@\t]/m);
  expect((await list(api, owner))[0]).toMatchObject({ action: "audit_exported" });
});

test("records a blocked sign-in once", async ({ api }) => {
  const user = await newUser(api);
  const from = newAddress();
  const guess = () =>
    api.request.post("/v1/auth/login").set(from).send({ email: user.email, password: "wrong password" });
  for (let count = 0; count < 10; count++) await guess().expect(401);
  for (let count = 0; count < 3; count++) await guess().expect(429);
  await expect
    .poll(() => list(api, user, { action: "sign_in_blocked" }))
    .toMatchObject([{ actor: { kind: "system", address: from["X-Forwarded-For"] }, target: { id: user.userId } }]);
});
