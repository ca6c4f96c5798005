import { randomUUID } from "node:crypto";
import { maxTeamsOfUser } from "@syszap/contracts";
import { expect } from "vitest";
import { type Api, eventsOf, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";

const newTeam = async (api: Api, by: TestUser, name: string = randomUUID()): Promise<string> =>
  (await api.request.post("/v1/teams").set(by.bearer).send({ name }).expect(201)).body.id;
interface Difference {
  add?: string[];
  remove?: string[];
  mayServeAll?: boolean;
}
const changeMembers = (api: Api, by: TestUser, team: string, change: Difference) =>
  api.request.patch(`/v1/teams/${team}/members`).set(by.bearer).send(change);
const changeTeams = (api: Api, by: TestUser, session: string, change: Difference) =>
  api.request.patch(`/v1/sessions/${session}/teams`).set(by.bearer).send(change);
const accessChanges = async (api: Api, companyId: string) =>
  (await eventsOf(api, companyId)).filter(({ type }) => type === "access_changed").length;

test("managers see the members and sessions of teams, agents only the names", async ({ api }) => {
  const owner = await newUser(api);
  const agent = await newUser(api, "agent", owner.companyId);
  const { session } = await newInbox(api, owner.companyId);
  const team = await newTeam(api, owner, "Vendas");
  await changeMembers(api, owner, team, { add: [agent.userId] }).expect(200);
  await changeTeams(api, owner, session.id, { add: [team] }).expect(200, { sessionId: session.id, teamIds: [team] });
  const complete = await api.request.get("/v1/teams").set(owner.bearer).expect(200);
  expect(complete.body.items).toEqual([
    { id: team, name: "Vendas", memberIds: [agent.userId], sessionIds: [session.id], createdAt: expect.any(String) },
  ]);
  const names = await api.request.get("/v1/teams").set(agent.bearer).expect(200);
  expect(names.body.items).toEqual([{ id: team, name: "Vendas", createdAt: expect.any(String) }]);
  await api.request.post("/v1/teams").set(agent.bearer).send({ name: "Meu" }).expect(403);
});

test("refuses a name that is taken, ids of another company and a user in too many teams", async ({ api }) => {
  const [owner, stranger] = [await newUser(api), await newUser(api)];
  const { session } = await newInbox(api, owner.companyId);
  const team = await newTeam(api, owner, "Vendas");
  await api.request.post("/v1/teams").set(owner.bearer).send({ name: "VENDAS" }).expect(409);
  const members = await changeMembers(api, owner, team, { add: [owner.userId, stranger.userId] }).expect(422);
  expect(members.body.errors).toEqual([{ path: "add.1", message: "is not a user of your company" }]);
  const foreign = await newTeam(api, stranger);
  await changeTeams(api, owner, session.id, { add: [foreign] }).expect(422);
  await changeMembers(api, owner, foreign, {}).expect(404);
  for (let count = 0; count < maxTeamsOfUser; count++)
    await changeMembers(api, owner, await newTeam(api, owner), { add: [owner.userId] }).expect(200);
  const { body } = await changeMembers(api, owner, team, { add: [owner.userId] }).expect(409);
  expect(body.detail).toContain(`at most ${maxTeamsOfUser} teams`);
  const many = Array.from({ length: 51 }, () => randomUUID());
  await changeTeams(api, owner, session.id, { add: many }).expect(422);
});

test("keeps a team that alone serves a session, and frees the name of a deleted team", async ({ api }) => {
  const owner = await newUser(api);
  const { session } = await newInbox(api, owner.companyId);
  const [team, other] = [await newTeam(api, owner, "Vendas"), await newTeam(api, owner)];
  await changeTeams(api, owner, session.id, { add: [team] }).expect(200);
  const { body } = await api.request.delete(`/v1/teams/${team}`).set(owner.bearer).expect(409);
  expect(body.detail).toContain(session.name);
  await changeTeams(api, owner, session.id, { add: [other] }).expect(200);
  await api.request.delete(`/v1/teams/${team}`).set(owner.bearer).expect(204);
  await api.request.delete(`/v1/teams/${team}`).set(owner.bearer).expect(404);
  await newTeam(api, owner, "Vendas");
});

test("a change of reach emits access_changed and an audit entry in its transaction", async ({ api }) => {
  const owner = await newUser(api);
  const agent = await newUser(api, "agent", owner.companyId);
  const { companyId } = owner;
  const { session } = await newInbox(api, companyId);
  const team = await newTeam(api, owner);
  expect(await accessChanges(api, companyId)).toBe(0);
  await changeMembers(api, owner, team, { add: [agent.userId] }).expect(200);
  expect(await accessChanges(api, companyId)).toBe(1);
  await changeMembers(api, owner, team, { add: [agent.userId] }).expect(200);
  expect(await accessChanges(api, companyId)).toBe(1);
  await changeTeams(api, owner, session.id, { add: [team] }).expect(200);
  expect(await accessChanges(api, companyId)).toBe(2);
  await api.request.patch("/v1/company").set(owner.bearer).send({ agentsSee: "all" }).expect(200);
  expect(await accessChanges(api, companyId)).toBe(3);
  const { body } = await api.request.get("/v1/company").set(agent.bearer).expect(200);
  expect(body).toMatchObject({ id: companyId, agentsSee: "all" });
  const audit = await api.database.withCompany(companyId, ({ auditLog }) => auditLog.list({}, { limit: 50 }));
  const actions = audit.items.map(({ action }) => action);
  expect(actions).toEqual(
    expect.arrayContaining(["team_created", "team_updated", "session_updated", "settings_changed"]),
  );
});

test("concurrent changes of two managers merge instead of overwriting each other", async ({ api }) => {
  const owner = await newUser(api);
  const admin = await newUser(api, "admin", owner.companyId);
  const agents = [];
  for (let count = 0; count < 6; count++) agents.push((await newUser(api, "agent", owner.companyId)).userId);
  const [kept, left, ...joining] = agents as [string, string, ...string[]];
  const { session } = await newInbox(api, owner.companyId);
  const [team, other, third] = [await newTeam(api, owner), await newTeam(api, owner), await newTeam(api, owner)];
  await changeMembers(api, owner, team, { add: [kept, left] }).expect(200);
  const requests = joining.map((userId, index) =>
    changeMembers(api, index % 2 === 0 ? owner : admin, team, { add: [userId] }),
  );
  requests.push(changeMembers(api, admin, team, { remove: [left] }));
  for (const { status } of await Promise.all(requests)) expect(status).toBe(200);
  const { body } = await api.request.get("/v1/teams").set(owner.bearer).expect(200);
  const members = body.items.find(({ id }: { id: string }) => id === team).memberIds;
  expect([...members].sort()).toEqual([kept, ...joining].sort());

  await changeTeams(api, owner, session.id, { add: [team] }).expect(200);
  const change = (by: TestUser, added: string) => changeTeams(api, by, session.id, { add: [added], remove: [team] });
  const answers = await Promise.all([change(owner, other), change(admin, third)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const { body: served } = await changeTeams(api, owner, session.id, {}).expect(200);
  expect([...served.teamIds].sort()).toEqual([other, third].sort());
});

test("two managers who remove one team each do not open a session to everybody", async ({ api }) => {
  const owner = await newUser(api);
  const admin = await newUser(api, "admin", owner.companyId);
  const { session } = await newInbox(api, owner.companyId);
  const [team, other] = [await newTeam(api, owner), await newTeam(api, owner)];
  await changeTeams(api, owner, session.id, { add: [team, other] }).expect(200);
  const answers = await Promise.all([
    changeTeams(api, owner, session.id, { remove: [team] }),
    changeTeams(api, admin, session.id, { remove: [other] }),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  await changeTeams(api, owner, session.id, { remove: [team, other], mayServeAll: true })
    .expect(200)
    .expect(({ body }) => expect(body.teamIds).toEqual([]));
});
