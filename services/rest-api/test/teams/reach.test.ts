import { randomUUID } from "node:crypto";
import { TicketClaims } from "@syszap/contracts";
import { decodeJwt } from "jose";
import { expect } from "vitest";
import { type Api, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";

/** Two sessions with one chat each. A team of one agent serves the first; the second one serves the second. */
async function twoTeams(api: Api) {
  const owner = await newUser(api);
  const { companyId } = owner;
  const [ana, bia] = [await newUser(api, "agent", companyId), await newUser(api, "agent", companyId)];
  const [inboxA, inboxB] = [await newInbox(api, companyId, "Alfa"), await newInbox(api, companyId, "Beta")];
  const teams = await api.database.withReachChange(companyId, async ({ teams }) => {
    const ids = [];
    for (const [user, inbox] of [
      [ana, inboxA],
      [bia, inboxB],
    ] as const) {
      const team = await teams.create(randomUUID(), 10);
      if (typeof team === "string") throw new Error(team);
      await teams.setMembers(team.id, [user.userId]);
      await teams.setOfSession(inbox.session.id, [team.id]);
      ids.push(team.id);
    }
    return ids;
  });
  return { owner, ana, bia, inboxA, inboxB, teams };
}
const idsOf = (body: { items: { id: string }[] }) => body.items.map(({ id }) => id).sort();
const list = async (api: Api, user: TestUser, path: string) =>
  idsOf((await api.request.get(path).set(user.bearer).expect(200)).body);

test("an agent finds only what the own teams serve; owners find everything", async ({ api }) => {
  const { owner, ana, inboxA, inboxB } = await twoTeams(api);
  expect(await list(api, ana, "/v1/chats")).toEqual([inboxA.chat.id]);
  expect(await list(api, owner, "/v1/chats")).toEqual([inboxA.chat.id, inboxB.chat.id].sort());
  expect(await list(api, ana, "/v1/clients")).toEqual([inboxA.client.id]);
  expect(await list(api, ana, "/v1/chats?search=Beta")).toEqual([]);
  expect(await list(api, ana, "/v1/clients?search=Beta")).toEqual([]);
  expect(await list(api, ana, "/v1/chats?search=Alfa")).toEqual([inboxA.chat.id]);
  const number = "5511977776666";
  const requests = (user: TestUser, { chat, client, session }: typeof inboxA) => [
    api.request.get(`/v1/chats/${chat.id}`).set(user.bearer),
    api.request.get(`/v1/chats/${chat.id}/messages`).set(user.bearer),
    api.request.post(`/v1/chats/${chat.id}/read`).set(user.bearer),
    api.request.post(`/v1/chats/${chat.id}/messages`).set(user.bearer).send({ body: "oi" }),
    api.request.get(`/v1/clients/${client.id}`).set(user.bearer),
    api.request.post("/v1/chats").set(user.bearer).send({ sessionId: session.id, number }),
  ];
  for (const request of requests(ana, inboxB)) await request.expect(404);
  for (const request of [...requests(ana, inboxA), ...requests(owner, inboxB)])
    expect((await request).status).toBeLessThan(300);
});

test("files are within the reach of their messages, and the next part of a download is refused after a move", async ({
  api,
}) => {
  const { owner, ana, bia, inboxA, teams } = await twoTeams(api);
  const { companyId } = owner;
  const file = await api.media.put(Buffer.from("a".repeat(100)), { companyId, mimeType: "video/mp4", fileName: null });
  const id = await api.database.withCompany(companyId, async ({ media, messages }) => {
    const mediaId = await media.add(file);
    const { chat, session } = inboxA;
    const message = {
      chatId: chat.id,
      sessionId: session.id,
      direction: 0,
      waKey: randomUUID(),
      kind: "video",
    } as const;
    await messages.insertOnce({
      ...message,
      body: "",
      status: null,
      mediaId,
      timestampMs: 1,
      generation: 1,
      receipt: 1,
    });
    return mediaId;
  });
  const get = (user: TestUser, path: string) => api.request.get(path).set(user.bearer);
  await get(bia, `/v1/media/${id}`).expect(404);
  await api.request.post(`/v1/media/${id}/link`).set(bia.bearer).expect(404);
  await get(ana, `/v1/media/${id}`).set("Range", "bytes=0-49").expect(206);
  const link = await api.request.post(`/v1/media/${id}/link`).set(ana.bearer).expect(200);
  await api.request.get(link.body.url).expect(200);
  await api.request
    .patch(`/v1/teams/${teams[0]}/members`)
    .set(owner.bearer)
    .send({ remove: [ana.userId] })
    .expect(200);
  await get(ana, `/v1/media/${id}`).set("Range", "bytes=50-99").expect(404);
  await api.request.get(link.body.url).expect(404);
  await get(owner, `/v1/media/${id}`).expect(200);
});

test("an upload is visible to its user only, also when another user uploads the same bytes", async ({ api }) => {
  const { owner, ana, bia, inboxA } = await twoTeams(api);
  const upload = async (user: TestUser) =>
    (await api.request.post("/v1/media").set(user.bearer).set("Content-Type", "text/plain").send("x").expect(201)).body
      .id;
  const [hers, other] = [await upload(ana), await upload(bia)];
  expect(await upload(ana)).toBe(hers);
  for (const user of [bia, owner]) await api.request.get(`/v1/media/${hers}`).set(user.bearer).expect(404);
  const send = (id: string) =>
    api.request.post(`/v1/chats/${inboxA.chat.id}/messages`).set(ana.bearer).send({ media: { id } });
  await send(other).expect(404);
  const { body } = await send(hers).expect(202);
  expect(body.media.id).toBe(hers);
  await api.request.get(`/v1/media/${hers}`).set(owner.bearer).expect(200);
});

test("a disabled user loses the own upload at once, also while the ended login is still cached", async ({ api }) => {
  const { owner, ana } = await twoTeams(api);
  const upload = api.request.post("/v1/media").set(ana.bearer).set("Content-Type", "text/plain").send("x");
  const path = `/v1/media/${(await upload.expect(201)).body.id}`;
  await api.request.get(path).set(ana.bearer).expect(200);
  await api.request.patch(`/v1/users/${ana.userId}`).set(owner.bearer).send({ disabled: true }).expect(200);
  const person = { companyId: owner.companyId, userId: ana.userId };
  const id = path.split("/").at(-1) ?? "";
  expect(await api.database.withPerson(person, ({ media }) => media.find(id))).toBeUndefined();
  expect([401, 404]).toContain((await api.request.get(path).set(ana.bearer)).status);
});

test("agentsSee=all lets agents see everything", async ({ api }) => {
  const { owner, ana, inboxA, inboxB } = await twoTeams(api);
  await api.request.patch("/v1/company").set(owner.bearer).send({ agentsSee: "all" }).expect(200);
  expect(await list(api, ana, "/v1/chats")).toEqual([inboxA.chat.id, inboxB.chat.id].sort());
});

test("a ticket has the present teams, and that of an owner's API key sees everything with the lowest role", async ({
  api,
}) => {
  const { owner, ana, teams, inboxA, inboxB } = await twoTeams(api);
  const claimsOf = async (bearer: TestUser["bearer"]) =>
    TicketClaims.parse(decodeJwt((await api.request.post("/v1/realtime/ticket").set(bearer).expect(200)).body.ticket));
  expect(await claimsOf(ana.bearer)).toMatchObject({ role: "agent", teams: [teams[0]], rights: expect.any(String) });
  await api.request
    .patch(`/v1/teams/${teams[1]}/members`)
    .set(owner.bearer)
    .send({ add: [ana.userId] })
    .expect(200);
  expect(new Set((await claimsOf(ana.bearer)).teams)).toEqual(new Set(teams));
  const body = { name: "Robô", scopes: ["read"] };
  const { secret } = (await api.request.post("/v1/api-keys").set(owner.bearer).send(body).expect(201)).body;
  const key = { Authorization: `Bearer ${secret}` };
  expect(await claimsOf(key)).toMatchObject({ role: "agent", key: true, all: true });
  const { body: chats } = await api.request.get("/v1/chats").set(key).expect(200);
  expect(idsOf(chats)).toEqual([inboxA.chat.id, inboxB.chat.id].sort());
});
