import { type Role, roles } from "@syszap/contracts";
import { expect } from "vitest";
import { Revoker } from "../../src/auth/revoker.ts";
import { AccountLinks } from "../../src/people/account-links.ts";
import { People } from "../../src/people/people.ts";
import { type Api, newSigningKey, newUser, type TestUser, test } from "../support/api-test.ts";
import { invite } from "../support/people.ts";

const rank: Record<Role, number> = { owner: 2, admin: 1, agent: 0 };
/** What the design says: owners manage everybody, admins everybody except owners, agents nobody. */
const mayManage = (manager: Role, target: Role) => rank[manager] > 0 && rank[manager] >= rank[target];

type Target = { id: string };
interface Action {
  name: string;
  /** The role that the action gives, if it gives one. */
  gives?: Role;
  run: (api: Api, by: TestUser, target: Target) => PromiseLike<{ status: number }>;
}
const patch = (body: object): Action["run"] => {
  return (api, by, { id }) => api.request.patch(`/v1/users/${id}`).set(by.bearer).send(body);
};
const actionsOnActive: Action[] = [
  { name: "rename", run: patch({ name: "Outro nome" }) },
  { name: "reset", run: (api, by, { id }) => api.request.post(`/v1/users/${id}/reset`).set(by.bearer) },
  ...roles.map((role) => ({ name: `make ${role}`, gives: role, run: patch({ role }) })),
  { name: "disable", run: patch({ disabled: true }) },
  { name: "enable", run: patch({ disabled: false }) },
];
const actionsOnInvited: Action[] = [
  { name: "resend", run: (api, by, { id }) => api.request.post(`/v1/users/${id}/invitation`).set(by.bearer) },
  { name: "revoke", run: (api, by, { id }) => api.request.delete(`/v1/users/${id}/invitation`).set(by.bearer) },
];

for (const manager of roles)
  for (const target of roles)
    test(`${manager} managing ${target}: every route allows exactly what the role may do`, async ({ api }) => {
      const owner = await newUser(api);
      const by = await newUser(api, manager, owner.companyId);
      const check = async (actions: Action[], newTarget: () => Promise<Target>) => {
        for (const { name, gives, run } of actions) {
          const isAllowed = mayManage(manager, target) && (gives === undefined || mayManage(manager, gives));
          const isNoChange = gives === target;
          const { status } = await run(api, by, await newTarget());
          const expected = isAllowed || (isNoChange && mayManage(manager, target)) ? [200, 204] : [403];
          expect({ name, status }).toEqual({ name, status: expect.toBeOneOf(expected) });
        }
      };
      await check(actionsOnActive, async () => ({ id: (await newUser(api, target, owner.companyId)).userId }));
      let count = 0;
      await check(actionsOnInvited, async () => {
        const { body } = await invite(api, owner, { email: `${target}${count++}@example.com`, role: target });
        return body.user;
      });
      const invited = await invite(api, by, { email: "new@example.com", role: target });
      expect(invited.status).toBe(mayManage(manager, target) ? 201 : 403);
    });

test("members see names and pictures, managers also accounts, and nobody other companies", async ({ api }) => {
  const owner = await newUser(api);
  const agent = await newUser(api, "agent", owner.companyId);
  const stranger = await newUser(api);
  const listOf = async ({ bearer }: TestUser) =>
    (await api.request.get("/v1/users").set(bearer).expect(200)).body.items;
  const entries = await listOf(agent);
  expect(entries.map(({ id }: Target) => id).sort()).toEqual([owner.userId, agent.userId].sort());
  for (const entry of entries) expect(Object.keys(entry).sort()).toEqual(["id", "name", "pictureId"]);
  for (const entry of await listOf(owner)) expect(entry.account.email).toEqual(expect.any(String));
  for (const action of [...actionsOnActive, ...actionsOnInvited])
    expect((await action.run(api, stranger, { id: agent.userId })).status).toBe(404);
});

test("lists users page by page in the order of their names", async ({ api }) => {
  const owner = await newUser(api);
  for (const name of ["bruno", "Álvaro", "Ana", "ana", "Zé"]) {
    const user = await newUser(api, "agent", owner.companyId);
    await api.request.patch(`/v1/users/${user.userId}`).set(owner.bearer).send({ name }).expect(200);
  }
  const names: string[] = [];
  let next: string | null = "";
  while (next !== null) {
    const query: { limit: number; before?: string } = next === "" ? { limit: 2 } : { limit: 2, before: next };
    const { body } = await api.request.get("/v1/users").query(query).set(owner.bearer).expect(200);
    names.push(...body.items.map(({ name }: { name: string }) => name));
    next = body.next;
  }
  expect(names).toHaveLength(6);
  expect(new Set(names).size).toBe(6);
  await api.request.get("/v1/users").query({ before: "x" }).set(owner.bearer).expect(422);
});

test("nobody changes the own role or disables oneself", async ({ api }) => {
  const owner = await newUser(api);
  await newUser(api, "owner", owner.companyId);
  for (const change of [{ role: "admin" }, { disabled: true }])
    await api.request.patch(`/v1/users/${owner.userId}`).set(owner.bearer).send(change).expect(403);
  await api.request.patch(`/v1/users/${owner.userId}`).set(owner.bearer).send({ name: "Ana S." }).expect(200);
});

test("two owners who demote each other at the same moment leave one owner", async ({ api }) => {
  const first = await newUser(api);
  const second = await newUser(api, "owner", first.companyId);
  for (let round = 0; round < 5; round++) {
    const demote = (by: TestUser, target: TestUser) =>
      api.request
        .patch(`/v1/users/${target.userId}`)
        .set(by.bearer)
        .send({ role: "agent" })
        .then(({ status }) => status);
    const statuses = await Promise.all([demote(first, second), demote(second, first)]);
    expect(statuses.sort()).toEqual([200, 403]);
    const owners = await api.database.withCompany(first.companyId, async ({ users }) => {
      const all = await Promise.all([users.find(first.userId), users.find(second.userId)]);
      const demoted = all.find((user) => user?.role === "agent");
      if (demoted) await users.update(demoted.id, { role: "owner" });
      return all.filter((user) => user?.role === "owner").length;
    });
    expect(owners).toBe(1);
  }
});

test("the last active owner cannot be demoted or disabled, also not from outside the company", async ({ api }) => {
  const owner = await newUser(api);
  const { companyId } = owner;
  const links = new AccountLinks({
    signingKeys: [await newSigningKey()],
    publicUrl: "https://x.example",
    sendsMail: false,
  });
  const log = { warn: () => undefined } as never;
  const { database, publisher } = api;
  const people = new People({ database, revoker: new Revoker({ database, publisher, log }), links });
  const commandLine = { companyId, actor: { kind: "system" } } as const;
  const lastOwner = { problem: "last_owner" };
  await invite(api, owner, { email: "next@example.com", role: "owner" }).expect(201); // invited owners do not count
  await expect(people.update(commandLine, owner.userId, { role: "admin" })).rejects.toMatchObject(lastOwner);
  await expect(people.update(commandLine, owner.userId, { disabled: true })).rejects.toMatchObject(lastOwner);
  const second = await newUser(api, "owner", companyId);
  const both = await Promise.allSettled([
    people.update(commandLine, owner.userId, { disabled: true }),
    people.update(commandLine, second.userId, { disabled: true }),
  ]);
  expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});
