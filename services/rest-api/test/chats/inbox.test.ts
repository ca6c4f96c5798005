import { randomUUID } from "node:crypto";
import { channels, type Message, type Page } from "@syszap/contracts";
import { expect } from "vitest";
import { type Api, eventsOf, type Inbox, listen, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";

/** Reads all pages of a list. */
async function readAll<Item>(api: Api, user: TestUser, path: string, limit: number): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | null = null;
  do {
    const res = await api.request
      .get(path)
      .query({ limit, ...(next && { before: next }) })
      .set(user.bearer)
      .expect(200);
    const page: Page<Item> = res.body;
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    next = page.next;
  } while (next !== null);
  return items;
}

async function receive(api: Api, user: TestUser, { chat, session }: Inbox, messages: { body: string; at: number }[]) {
  await api.database.withCompany(user.companyId, async (unit) => {
    for (const [receipt, { body, at }] of messages.entries()) {
      const message = await unit.messages.insertOnce({
        chatId: chat.id,
        sessionId: session.id,
        direction: 0,
        waKey: randomUUID(),
        kind: "text",
        body,
        status: null,
        mediaId: null,
        timestampMs: at,
        generation: 1,
        receipt,
      });
      if (message) await unit.chatRecorder.recordMessage(message);
    }
  });
}

test("counts what is unread in all chats, not only those of one page", async ({ api }) => {
  const user = await newUser(api);
  const other = await newUser(api);
  await receive(api, other, await newInbox(api, other.companyId, "Bia"), [{ body: "de outra empresa", at: 1_000 }]);
  for (let index = 0; index < 3; index++) {
    const inbox = await newInbox(api, user.companyId, `Ana ${index}`);
    const messages = Array.from({ length: index }, (_, at) => ({ body: String(at), at: at + 1_000 }));
    await receive(api, user, inbox, messages);
  }
  const { body } = await api.request.get("/v1/inbox/counts").set(user.bearer).expect(200);
  expect(body).toEqual({ unreadChats: 3, unreadMessages: 6 });
});

test("shows that the last message of a chat was deleted", async ({ api }) => {
  const user = await newUser(api);
  const { chat, session } = await newInbox(api, user.companyId, "Ana");
  const key = { sessionId: session.id, direction: 0 as const, waKey: randomUUID() };
  await api.database.withCompany(user.companyId, async (unit) => {
    const message = await unit.messages.insertOnce({
      ...key,
      chatId: chat.id,
      kind: "image",
      body: "segredo",
      status: null,
      mediaId: null,
      timestampMs: Date.now(),
      generation: 1,
      receipt: 2,
    });
    if (message) await unit.chatRecorder.recordMessage(message);
  });
  const last = async () => (await api.request.get("/v1/chats").set(user.bearer).expect(200)).body.items[0].lastMessage;
  expect(await last()).toMatchObject({ body: "segredo", revokedAt: null });
  await api.database.withCompany(user.companyId, ({ messageChanges }) =>
    messageChanges.applyRevoke(key, { timestampMs: Date.now() }),
  );
  expect(await last()).toMatchObject({ type: 1, body: "", revokedAt: expect.any(String) });
});

const idsOf = async (ids: string[]) => ids;

test("resolves the id of a merged chat on every route", async ({ api }) => {
  const [user, stranger] = [await newUser(api), await newUser(api)];
  const [lid, before] = ["88123456789012", "5511988887777"];
  const merge = (number: string) =>
    api.database.withCompany(user.companyId, ({ clientResolver }) => clientResolver.resolve([{ number, lid }], idsOf));
  const write = (chatId: string, key: string) =>
    api.request
      .post(`/v1/chats/${chatId}/messages`)
      .set({ ...user.bearer, "idempotency-key": key })
      .send({ body: key })
      .expect(202);
  const ids = await api.database.withCompany(user.companyId, async ({ sessions, clientResolver, chatRecorder }) => {
    const { id: sessionId } = await sessions.create({ name: "Vendas", engine: "simulator" });
    const begun: string[] = [];
    for (const [number, name] of [
      [lid, { lid }],
      [before, {}],
    ] as const) {
      const [clientId = ""] = await clientResolver.resolve([{ number, ...name }], idsOf);
      begun.push((await chatRecorder.upsert({ sessionId, waChatId: `${number}@c.us`, clientId })).id);
    }
    return begun;
  });
  const [oldest = ""] = ids;
  const { body: first } = await write(oldest, "while-two");
  await merge(before);
  const { body: list } = await api.request.get("/v1/chats").set(user.bearer).expect(200);
  expect(list.items).toHaveLength(1);
  for (const id of ids) {
    const { body } = await api.request.get(`/v1/chats/${id}`).set(user.bearer).expect(200);
    expect(body.id).toBe(list.items[0].id);
    await api.request.get(`/v1/chats/${id}`).set(stranger.bearer).expect(404);
    expect((await write(id, `by-${id}`)).body.chatId).toBe(body.id);
    const { body: read } = await api.request.post(`/v1/chats/${id}/read`).set(user.bearer).expect(200);
    expect(read.id).toBe(body.id);
    await api.request.post(`/v1/chats/${id}/typing`).set(user.bearer).send({ state: "composing" }).expect(204);
  }
  const { body: again } = await write(oldest, "while-two");
  expect(again).toMatchObject({ id: first.id, chatId: list.items[0].id });
  const { body: page } = await api.request.get(`/v1/chats/${oldest}/messages`).set(user.bearer).expect(200);
  expect(page.items).toHaveLength(1 + ids.length);
});

test("lists clients page by page, last contact first", async ({ api }) => {
  const user = await newUser(api);
  const names = ["Ana", "Beto", "Caio", "Duda", "Eva"];
  for (const name of names) await newInbox(api, user.companyId, name);
  const clients = await readAll<{ name: string }>(api, user, "/v1/clients", 2);
  expect(clients.map(({ name }) => name)).toEqual(names.toReversed());
});

test("finds clients and chats by part of the name or number, also with special characters", async ({ api }) => {
  const user = await newUser(api);
  const ana = await newInbox(api, user.companyId, "Ana 100% Souza");
  await newInbox(api, user.companyId, "Bruno");
  const found = async (path: string, search: string) => {
    const { body } = await api.request.get(path).query({ search }).set(user.bearer).expect(200);
    return body.items.length;
  };
  for (const path of ["/v1/clients", "/v1/chats"]) {
    expect(await found(path, "souza")).toBe(1);
    expect(await found(path, "0% S")).toBe(1);
    expect(await found(path, "%")).toBe(1);
    expect(await found(path, ana.client.whatsappNumber?.slice(2) ?? "")).toBe(1);
    expect(await found(path, "")).toBe(2);
    expect(await found(path, "'; drop table chats; --")).toBe(0);
  }
});

test("returns a client and a chat by id", async ({ api }) => {
  const user = await newUser(api);
  const { client, chat } = await newInbox(api, user.companyId);
  const read = await api.request.get(`/v1/clients/${client.id}`).set(user.bearer).expect(200);
  expect(read.body).toMatchObject({ ...client, addresses: [{ number: client.whatsappNumber, isCurrent: true }] });
  await api.request.get(`/v1/chats/${chat.id}`).set(user.bearer).expect(200, chat);
});

test("lists chats page by page, newest message first", async ({ api }) => {
  const user = await newUser(api);
  const inboxes = [
    await newInbox(api, user.companyId, "Ana"),
    await newInbox(api, user.companyId, "Beto"),
    await newInbox(api, user.companyId, "Caio"),
  ] as const;
  await receive(api, user, inboxes[0], [{ body: "Alô?", at: Date.now() + 1_000 }]);
  const chats = await readAll<{ client: { name: string }; unreadCount: number }>(api, user, "/v1/chats", 2);
  expect(chats.map(({ client, unreadCount }) => [client.name, unreadCount])).toEqual([
    ["Ana", 2],
    ["Caio", 1],
    ["Beto", 1],
  ]);
});

test("lists messages in WhatsApp's order, newest first, regardless of the order in which they were stored", async ({
  api,
}) => {
  const user = await newUser(api);
  const inbox = await newInbox(api, user.companyId);
  const start = Date.now();
  const times = [5, 1, 4, 2, 3];
  await receive(
    api,
    user,
    inbox,
    times.map((second) => ({ body: String(second), at: start + second * 1_000 })),
  );
  const messages = await readAll<Message>(api, user, `/v1/chats/${inbox.chat.id}/messages`, 2);
  expect(messages.map(({ body }) => body)).toEqual(["5", "4", "3", "2", "1", "Bom dia"]);
});

test("reads the messages around one, and refuses two positions and a message of another chat", async ({ api }) => {
  const user = await newUser(api);
  const [inbox, other] = [await newInbox(api, user.companyId), await newInbox(api, user.companyId)];
  const messages = await readAll<Message>(api, user, `/v1/chats/${inbox.chat.id}/messages`, 2);
  const read = (query: object, chat = inbox.chat) =>
    api.request.get(`/v1/chats/${chat.id}/messages`).query(query).set(user.bearer);
  const [{ id = "", timestamp = "" } = {}] = messages;
  const { body: page } = await read({ around: id }).expect(200);
  expect(page).toMatchObject({ items: [{ id }], next: null, hasNewer: false });
  expect((await read({ at: timestamp }).expect(200)).body.items).toMatchObject([{ id }]);
  await read({ around: id, at: timestamp }).expect(422);
  await read({ around: id }, other.chat).expect(404);
  await read({ after: "not-an-id" }).expect(422);
});

test("returns the reason when the file of a message is missing", async ({ api }) => {
  const user = await newUser(api);
  const { chat, session } = await newInbox(api, user.companyId, "Ana");
  const missingMedia = {
    state: "unavailable" as const,
    reason: "WhatsApp did not hand over the file.",
    limit: null,
    mimeType: "image/png",
    fileName: null,
    size: 12,
  };
  await api.database.withCompany(user.companyId, ({ messages }) =>
    messages.insertOnce({
      chatId: chat.id,
      sessionId: session.id,
      direction: 0,
      waKey: randomUUID(),
      kind: "image",
      body: "",
      status: null,
      mediaId: null,
      missingMedia,
      timestampMs: 1,
      generation: 1,
      receipt: 1,
    }),
  );
  const messages = await readAll<Message>(api, user, `/v1/chats/${chat.id}/messages`, 2);
  expect(messages.find(({ type }) => type === 1)).toMatchObject({ media: null, missingMedia });
});

test("publishes that a chat was read and marks it on the phone, once", async ({ api, onTestFinished }) => {
  const user = await newUser(api);
  const { chat, session } = await newInbox(api, user.companyId);
  const listener = await listen(api.redis, [channels.commands(user.companyId)]);
  onTestFinished(listener.close);

  const { body } = await api.request.post(`/v1/chats/${chat.id}/read`).set(user.bearer).expect(200);
  expect(body).toMatchObject({ id: chat.id, unreadCount: 0, version: chat.version + 1 });
  await api.request.post(`/v1/chats/${chat.id}/read`).set(user.bearer).expect(200, body);

  expect((await listener.next()).message).toMatchObject({
    kind: "mark_read",
    sessionId: session.id,
    chatId: chat.id,
  });
  // Barrier: a command of the second request would arrive before this one.
  await api.publisher.command(user.companyId, { kind: "new_qr", sessionId: session.id });
  expect(await listener.next()).toMatchObject({ message: { kind: "new_qr" } });
  expect(await eventsOf(api, user.companyId)).toMatchObject([
    { type: "chat_update", version: body.version, data: { Id: chat.id, Unread_Count: 0 } },
  ]);
});
