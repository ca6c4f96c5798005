import { randomUUID } from "node:crypto";
import { channels, type Message, type Page } from "@syszap/contracts";
import { expect } from "vitest";
import { type Api, eventsOf, type Inbox, listen, newInbox, newPerson, type Person, test } from "../support/api-test.ts";

/** Reads a list to its end, page by page. */
async function readAll<Item>(api: Api, person: Person, path: string, limit: number): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | null = null;
  do {
    const res = await api.request
      .get(path)
      .query({ limit, ...(next && { before: next }) })
      .set(person.bearer)
      .expect(200);
    const page: Page<Item> = res.body;
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    next = page.next;
  } while (next !== null);
  return items;
}

async function receive(api: Api, person: Person, { chat, session }: Inbox, messages: { body: string; at: number }[]) {
  await api.database.withCompany(person.companyId, async (unit) => {
    for (const [receipt, { body, at }] of messages.entries()) {
      const message = await unit.messages.insertOnce({
        ...{ chatId: chat.id, sessionId: session.id, direction: 0, waKey: randomUUID(), kind: "text", body },
        ...{ status: null, mediaId: null, timestampMs: at, generation: 1, receipt },
      });
      if (message) await unit.chatRecorder.recordMessage(message);
    }
  });
}

test("the last message of a chat says that it was deleted", async ({ api }) => {
  const person = await newPerson(api);
  const { chat, session } = await newInbox(api, person.companyId, "Ana");
  const key = { sessionId: session.id, direction: 0 as const, waKey: randomUUID() };
  await api.database.withCompany(person.companyId, async (unit) => {
    const message = await unit.messages.insertOnce({
      ...{ ...key, chatId: chat.id, kind: "image", body: "segredo", status: null, mediaId: null },
      ...{ timestampMs: Date.now(), generation: 1, receipt: 2 },
    });
    if (message) await unit.chatRecorder.recordMessage(message);
  });
  const last = async () =>
    (await api.request.get("/v1/chats").set(person.bearer).expect(200)).body.items[0].lastMessage;
  expect(await last()).toMatchObject({ body: "segredo", revokedAt: null });
  await api.database.withCompany(person.companyId, ({ messageChanges }) =>
    messageChanges.applyRevoke(key, { timestampMs: Date.now() }),
  );
  expect(await last()).toMatchObject({ type: 1, body: "", revokedAt: expect.any(String) });
});

const idsOf = async (ids: string[]) => ids;

test("the id of a chat that became part of another leads to that one, however often that happened", async ({ api }) => {
  const [person, stranger] = [await newPerson(api), await newPerson(api)];
  const [lid, before, now] = ["88123456789012", "5511988887777", "5511977776666"];
  const merge = (number: string) =>
    api.database.withCompany(person.companyId, ({ clientResolver }) =>
      clientResolver.resolve([{ number, lid }], idsOf),
    );
  const write = (chatId: string, key: string) =>
    api.request
      .post(`/v1/chats/${chatId}/messages`)
      .set({ ...person.bearer, "idempotency-key": key })
      .send({ body: key })
      .expect(202);
  const ids = await api.database.withCompany(person.companyId, async ({ sessions, clientResolver, chatRecorder }) => {
    const { id: sessionId } = await sessions.create({ name: "Vendas", engine: "simulator" });
    const begun: string[] = [];
    for (const [number, name] of [
      [lid, { lid }],
      [before, {}],
      [now, {}],
    ] as const) {
      const [clientId = ""] = await clientResolver.resolve([{ number, ...name }], idsOf);
      begun.push((await chatRecorder.upsert({ sessionId, waChatId: `${number}@c.us`, clientId })).id);
    }
    return begun;
  });
  const [oldest = ""] = ids;
  const { body: first } = await write(oldest, "while-two");
  await merge(before);
  await merge(now);
  const { body: list } = await api.request.get("/v1/chats").set(person.bearer).expect(200);
  expect(list.items).toHaveLength(1);
  for (const id of ids) {
    const { body } = await api.request.get(`/v1/chats/${id}`).set(person.bearer).expect(200);
    expect(body.id).toBe(list.items[0].id);
    await api.request.get(`/v1/chats/${id}`).set(stranger.bearer).expect(404);
    expect((await write(id, `by-${id}`)).body.chatId).toBe(body.id);
    const { body: read } = await api.request.post(`/v1/chats/${id}/read`).set(person.bearer).expect(200);
    expect(read.id).toBe(body.id);
    await api.request.post(`/v1/chats/${id}/typing`).set(person.bearer).send({ state: "composing" }).expect(204);
  }
  const { body: again } = await write(oldest, "while-two");
  expect(again).toMatchObject({ id: first.id, chatId: list.items[0].id });
  const { body: page } = await api.request.get(`/v1/chats/${oldest}/messages`).set(person.bearer).expect(200);
  expect(page.items).toHaveLength(1 + ids.length);
});

test("clients come page by page, last contact first, each once", async ({ api }) => {
  const person = await newPerson(api);
  const names = ["Ana", "Beto", "Caio", "Duda", "Eva"];
  for (const name of names) await newInbox(api, person.companyId, name);
  const clients = await readAll<{ name: string }>(api, person, "/v1/clients", 2);
  expect(clients.map(({ name }) => name)).toEqual(names.toReversed());
});

test("clients and chats are found by part of the name or number, whatever signs it holds", async ({ api }) => {
  const person = await newPerson(api);
  const ana = await newInbox(api, person.companyId, "Ana 100% Souza");
  await newInbox(api, person.companyId, "Bruno");
  const found = async (path: string, search: string) => {
    const { body } = await api.request.get(path).query({ search }).set(person.bearer).expect(200);
    return body.items.length;
  };
  for (const path of ["/v1/clients", "/v1/chats"]) {
    expect(await found(path, "souza")).toBe(1);
    expect(await found(path, "0% S")).toBe(1);
    expect(await found(path, "%")).toBe(1);
    expect(await found(path, ana.client.whatsappNumber.slice(2))).toBe(1);
    expect(await found(path, "")).toBe(2);
    expect(await found(path, "'; drop table chats; --")).toBe(0);
  }
});

test("one client and one chat are read by id", async ({ api }) => {
  const person = await newPerson(api);
  const { client, chat } = await newInbox(api, person.companyId);
  await api.request.get(`/v1/clients/${client.id}`).set(person.bearer).expect(200, client);
  await api.request.get(`/v1/chats/${chat.id}`).set(person.bearer).expect(200, chat);
});

test("chats come page by page, newest message first", async ({ api }) => {
  const person = await newPerson(api);
  const inboxes = [
    await newInbox(api, person.companyId, "Ana"),
    await newInbox(api, person.companyId, "Beto"),
    await newInbox(api, person.companyId, "Caio"),
  ] as const;
  await receive(api, person, inboxes[0], [{ body: "Alô?", at: Date.now() + 1_000 }]);
  const chats = await readAll<{ client: { name: string }; unreadCount: number }>(api, person, "/v1/chats", 2);
  expect(chats.map(({ client, unreadCount }) => [client.name, unreadCount])).toEqual([
    ["Ana", 2],
    ["Caio", 1],
    ["Beto", 1],
  ]);
});

test("messages come newest first in WhatsApp's order, whatever order they were stored in", async ({ api }) => {
  const person = await newPerson(api);
  const inbox = await newInbox(api, person.companyId);
  const start = Date.now();
  const times = [5, 1, 4, 2, 3];
  await receive(
    ...([api, person, inbox] as const),
    times.map((second) => ({ body: String(second), at: start + second * 1_000 })),
  );
  const messages = await readAll<Message>(api, person, `/v1/chats/${inbox.chat.id}/messages`, 2);
  expect(messages.map(({ body }) => body)).toEqual(["5", "4", "3", "2", "1", "Bom dia"]);
});

test("a message whose file could not be kept is read with the reason", async ({ api }) => {
  const person = await newPerson(api);
  const { chat, session } = await newInbox(api, person.companyId, "Ana");
  const missingMedia = {
    ...{ state: "unavailable" as const, reason: "WhatsApp did not hand over the file.", limit: null },
    ...{ mimeType: "image/png", fileName: null, size: 12 },
  };
  await api.database.withCompany(person.companyId, ({ messages }) =>
    messages.insertOnce({
      ...{ chatId: chat.id, sessionId: session.id, direction: 0, waKey: randomUUID(), kind: "image", body: "" },
      ...{ status: null, mediaId: null, missingMedia, timestampMs: 1, generation: 1, receipt: 1 },
    }),
  );
  const messages = await readAll<Message>(api, person, `/v1/chats/${chat.id}/messages`, 2);
  expect(messages.find(({ type }) => type === 1)).toMatchObject({ media: null, missingMedia });
});

test("reading a chat tells every page and the phone, once", async ({ api, onTestFinished }) => {
  const person = await newPerson(api);
  const { chat, session } = await newInbox(api, person.companyId);
  const heard = await listen(api.redis, [channels.commands(person.companyId)]);
  onTestFinished(heard.close);

  const { body } = await api.request.post(`/v1/chats/${chat.id}/read`).set(person.bearer).expect(200);
  expect(body).toMatchObject({ id: chat.id, unreadCount: 0, version: chat.version + 1 });
  await api.request.post(`/v1/chats/${chat.id}/read`).set(person.bearer).expect(200, body);

  expect((await heard.next()).message).toEqual({
    ...{ kind: "mark_read", sessionId: session.id, chatId: chat.id },
  });
  // The barrier comes next: the second reading said nothing.
  await api.publisher.command(person.companyId, { kind: "new_qr", sessionId: session.id });
  expect(await heard.next()).toMatchObject({ message: { kind: "new_qr" } });
  expect(await eventsOf(api, person.companyId)).toMatchObject([
    { type: "chat_update", version: body.version, data: { Id: chat.id, Unread_Count: 0 } },
  ]);
});
