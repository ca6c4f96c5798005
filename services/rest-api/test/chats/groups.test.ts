import { randomUUID } from "node:crypto";
import type { Chat, Session } from "@syszap/contracts";
import { expect, onTestFinished } from "vitest";
import { type Api, eventsOf, listen, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";

const waChatId = "120363000000000001@g.us";
const bia = { number: "5521977776666", lid: "88123456789012", name: "Bia" };
const hidden = { number: "99111111111111", lid: "99111111111111", name: null };

const setGroups = (api: Api, user: TestUser, sessionId: string, enabled: boolean) =>
  api.request.put(`/v1/sessions/${sessionId}/groups`).set(user.bearer).send({ enabled });

interface Group {
  session: Session;
  chat: Chat;
  messageId: string;
}

/** A session with a group in which a participant asked something. The name of the group is its subject. */
async function newGroup(api: Api, user: TestUser, subject = "Entregas"): Promise<Group> {
  const { companyId } = user;
  return api.database.withCompany(companyId, async ({ sessions, groups, chatRecorder, messages }) => {
    const { id: sessionId } = await sessions.create({ name: "Vendas", engine: "simulator" });
    const session = await sessions.setGroups(sessionId, true);
    const at = new Date(Date.now() - 60_000);
    const participants = [
      { ...hidden, role: "member" as const },
      { ...bia, role: "owner" as const },
    ];
    const group = await groups.apply({ sessionId, waChatId, subject, participants, at });
    const message = await messages.insertOnce({
      ...{ chatId: group?.id ?? "", sessionId, direction: 0, waKey: randomUUID(), kind: "text", body: "Quem leva?" },
      ...{ status: null, mediaId: null, timestampMs: at.getTime(), generation: 1, receipt: 1 },
      sender: bia,
    });
    if (!session || !message) throw new Error("the group was not stored");
    return { session, chat: await chatRecorder.recordMessage(message), messageId: message.id };
  });
}

test("switches groups of a session on and off for owners and admins, audits it and signals the connector", async ({
  api,
}) => {
  const owner = await newUser(api);
  const agent = await newUser(api, "agent", owner.companyId);
  const { session } = await newInbox(api, owner.companyId);
  const commands = await listen(api.redis, [`cmd:{${owner.companyId}}`]);
  onTestFinished(() => commands.close());
  expect(session.groupsEnabled).toBe(false);
  await setGroups(api, agent, session.id, true).expect(403);
  const { body } = await setGroups(api, owner, session.id, true).expect(200);
  expect(body).toMatchObject({ id: session.id, groupsEnabled: true });
  expect((await commands.next()).message).toMatchObject({ kind: "groups_changed", sessionId: session.id });
  const settings = () => api.database.withCompany(owner.companyId, ({ sessions }) => sessions.findSettings(session.id));
  const since = async () => (await settings())?.groupsSince;
  const first = await since();
  expect(first).toBeInstanceOf(Date);
  // Repeated requests keep the time, from which missed messages are recovered.
  await setGroups(api, owner, session.id, true).expect(200);
  expect(await since()).toEqual(first);
  await setGroups(api, owner, session.id, false).expect(200);
  expect(await since()).toBeNull();
  const audit = await api.request.get("/v1/audit").set(owner.bearer).expect(200);
  const target = { kind: "session", id: session.id };
  expect(audit.body.items).toMatchObject([
    { action: "session_groups_set", target, before: { enabled: true }, after: { enabled: false } },
    { action: "session_groups_set", target, before: { enabled: false }, after: { enabled: true } },
  ]);
});

test("shows a group in lists, search and answers without any LID", async ({ api }) => {
  const owner = await newUser(api);
  const { chat } = await newGroup(api, owner);
  const get = async (path: string) => (await api.request.get(path).set(owner.bearer).expect(200)).body;
  const group = {
    ...{ subject: "Entregas", pictureUrl: null, participantCount: 2 },
    ...{ isMember: true, notifyAll: false, unreadMentions: 0 },
  };
  const sender = { name: "Bia", number: bia.number };
  for (const path of ["/v1/chats", "/v1/chats?search=entr%C3%A9gas"])
    expect((await get(path)).items).toMatchObject([
      { id: chat.id, client: null, group, unreadCount: 1, lastMessage: { sender } },
    ]);
  expect((await get("/v1/chats?search=outra")).items).toEqual([]);
  expect(await get(`/v1/chats/${chat.id}`)).toMatchObject({ client: null, group });
  expect((await get("/v1/clients")).items).toEqual([]);
  expect((await get(`/v1/chats/${chat.id}/messages`)).items).toMatchObject([{ body: "Quem leva?", sender }]);
  const participants = await get(`/v1/chats/${chat.id}/participants`);
  expect(participants).toEqual({
    items: [
      { ...sender, role: "owner" },
      { name: null, number: null, role: "member" },
    ],
    next: null,
  });
  const all = JSON.stringify([await get("/v1/chats"), await get(`/v1/chats/${chat.id}/messages`), participants]);
  for (const { lid } of [bia, hidden]) expect(all).not.toContain(lid);
});

test("counts a group only when all its messages are to be notified, for everybody", async ({ api }) => {
  const owner = await newUser(api);
  const agent = await newUser(api, "agent", owner.companyId);
  const { chat } = await newGroup(api, owner);
  const counts = async () => (await api.request.get("/v1/inbox/counts").set(owner.bearer).expect(200)).body;
  const setNotices = (id: string, notifyAll: boolean) =>
    api.request.put(`/v1/chats/${id}/notices`).set(agent.bearer).send({ notifyAll });
  expect(await counts()).toEqual({ unreadChats: 0, unreadMessages: 0 });
  const { body } = await setNotices(chat.id, true).expect(200);
  expect(body.group).toMatchObject({ notifyAll: true });
  expect(await counts()).toEqual({ unreadChats: 1, unreadMessages: 1 });
  await setNotices(chat.id, true).expect(200);
  const events = await eventsOf(api, owner.companyId);
  const changes = events.filter(({ type }) => type === "chat_update");
  expect(changes).toMatchObject([{ data: { Id: chat.id, Group: { Notify_All: true, Participant_Count: 2 } } }]);
  expect(changes[0]?.data).not.toHaveProperty("Client_Id");
  const { chat: ofClient } = await newInbox(api, owner.companyId);
  await setNotices(ofClient.id, true).expect(409);
});

test("sends to a group, with its participant as the author of the quoted message, and touches no client", async ({
  api,
}) => {
  const owner = await newUser(api);
  const { chat, messageId } = await newGroup(api, owner);
  const request = { body: "Eu levo", replyTo: messageId };
  await api.request.post(`/v1/chats/${chat.id}/messages`).set(owner.bearer).send(request).expect(202);
  const events = await eventsOf(api, owner.companyId);
  expect(events.map(({ type }) => type)).toEqual(["new_message", "chat_update"]);
  expect(events[0]?.data).toMatchObject({
    ...{ Body: "Eu levo", Group: { Subject: "Entregas" } },
    Quoted: { Sender: { Name: "Bia", WhatsApp_Number: bia.number } },
  });
  expect(events[0]?.data).not.toHaveProperty("Client");
});

/** The next queued message, as the connector claims it while no first message to a new contact may be sent. */
async function claim(api: Api, { companyId }: TestUser, { id: sessionId }: Session) {
  await api.database.withCompany(companyId, ({ sessions }) => sessions.setDesiredState(sessionId, "running"));
  const [lease] = await api.database.system.leases.claim({ connectorId: "c", limit: 9, holding: [] });
  return api.database.withCompany(companyId, ({ outboundQueue }) =>
    outboundQueue.claimNext({ sessionId, generation: lease?.generation ?? 0 }, { mayBegin: true, mayBeginCold: false }),
  );
}

test("gives the connector the participant part of the key of a message to react to", async ({ api }) => {
  const owner = await newUser(api);
  const { chat, session, messageId } = await newGroup(api, owner);
  const request = { reaction: { messageId, emoji: "👍" } };
  await api.request.post(`/v1/chats/${chat.id}/messages`).set(owner.bearer).send(request).expect(202);
  expect(await claim(api, owner, session)).toMatchObject({
    waChatId,
    payload: { kind: "reaction", target: { direction: 0, sender: { number: bia.number, lid: bia.lid } } },
  });
});

test("the first message to a group is no message to a new contact", async ({ api }) => {
  const owner = await newUser(api);
  const { session } = await newGroup(api, owner);
  const quiet = await api.database.withCompany(owner.companyId, ({ groups }) =>
    groups.apply({ sessionId: session.id, waChatId: "120363000000000002@g.us", subject: "Nova", at: new Date() }),
  );
  await api.request.post(`/v1/chats/${quiet?.id}/messages`).set(owner.bearer).send({ body: "oi" }).expect(202);
  expect(await claim(api, owner, session)).toMatchObject({ body: "oi", isCold: false });
});

test("refuses to send to a group that is switched off or left, and fails what was queued", async ({ api }) => {
  const owner = await newUser(api);
  const { chat, session } = await newGroup(api, owner);
  const contact = { sessionId: session.id, number: "5531966665555" };
  const { body: ofClient } = await api.request.post("/v1/chats").set(owner.bearer).send(contact).expect(200);
  const send = (id: string, body: string) =>
    api.request.post(`/v1/chats/${id}/messages`).set(owner.bearer).send({ body });
  await send(chat.id, "na fila").expect(202);
  await send(ofClient.id, "para o cliente").expect(202);
  await setGroups(api, owner, session.id, false).expect(200);
  const failed = (await eventsOf(api, owner.companyId)).filter(({ type }) => type === "message_status");
  expect(failed).toMatchObject([{ data: { Chat_Id: chat.id, Status: "failed", Reason: "groups_off" } }]);
  expect((await send(chat.id, "oi").expect(409)).body).toMatchObject({ type: "/problems/groups-off" });
  await api.request.get(`/v1/chats/${chat.id}/messages`).set(owner.bearer).expect(200);

  await setGroups(api, owner, session.id, true).expect(200);
  await api.database.withCompany(owner.companyId, ({ groups }) =>
    groups.apply({ sessionId: session.id, waChatId, isMember: false, at: new Date() }),
  );
  expect((await send(chat.id, "oi").expect(409)).body).toMatchObject({ type: "/problems/not-a-member" });
  await send(ofClient.id, "ainda").expect(202);
});

test("shows groups and their participants within the reach of their session only", async ({ api }) => {
  const owner = await newUser(api);
  const [inTeam, outside] = [
    await newUser(api, "agent", owner.companyId),
    await newUser(api, "agent", owner.companyId),
  ];
  const { chat, session } = await newGroup(api, owner);
  await api.database.withReachChange(owner.companyId, async ({ teams }) => {
    const team = await teams.create("Entregas", 9);
    if (typeof team === "string") throw new Error(team);
    await teams.setMembers(team.id, [inTeam.userId]);
    await teams.setOfSession(session.id, [team.id]);
  });
  for (const path of ["", "/messages", "/participants"]) {
    await api.request.get(`/v1/chats/${chat.id}${path}`).set(inTeam.bearer).expect(200);
    await api.request.get(`/v1/chats/${chat.id}${path}`).set(outside.bearer).expect(404);
  }
  await api.request.put(`/v1/chats/${chat.id}/notices`).set(outside.bearer).send({ notifyAll: true }).expect(404);
  for (const [user, found] of [
    [inTeam, 1],
    [outside, 0],
  ] as const)
    for (const query of ["", "?search=entregas"]) {
      const { body } = await api.request.get(`/v1/chats${query}`).set(user.bearer).expect(200);
      expect(body.items).toHaveLength(found);
    }
});
