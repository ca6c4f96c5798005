import { randomUUID } from "node:crypto";
import { channels } from "@syszap/contracts";
import { startRedis } from "@syszap/testing";
import { expect } from "vitest";
import { type Api, eventsOf, listen, newInbox, newUser, openApi, type TestUser, test } from "../support/api-test.ts";

/** Sends a text. `key` is an Idempotency-Key. */
const send = (api: Api, user: TestUser, chatId: string, { body, key }: { body: unknown; key?: string }) =>
  api.request
    .post(`/v1/chats/${chatId}/messages`)
    .set(key === undefined ? user.bearer : { ...user.bearer, "Idempotency-Key": key })
    .send({ body });

test("queues a text, publishes it to every page and signals the session", async ({ api, onTestFinished }) => {
  const user = await newUser(api, "agent");
  const { chat, client, session } = await newInbox(api, user.companyId);
  const owner = await listen(api.redis, [channels.commands(user.companyId)]);
  onTestFinished(owner.close);
  const text = "Olá! 👋\nשלום \u202Eabc https://example.com";

  const { body: message } = await send(api, user, chat.id, { body: text }).expect(202);

  expect(message).toMatchObject({ chatId: chat.id, direction: 1, type: 0, body: text, status: "queued", version: 1 });
  const events = await eventsOf(api, user.companyId);
  expect(events.map(({ type }) => type)).toEqual(["new_message", "client_update", "chat_update"]);
  expect(events).toMatchObject([
    { data: { Id: message.id, Direction: 1, Body: text, Status: "queued", Session_Id: session.id } },
    { data: { Id: client.id, Last_Contact_At: message.timestamp } },
    { data: { Id: chat.id, Unread_Count: 0, Last_Message: { Id: message.id } } },
  ]);
  expect((await owner.next()).message).toMatchObject({ kind: "send_queued", sessionId: session.id });
  const { body: page } = await api.request.get(`/v1/chats/${chat.id}/messages`).set(user.bearer).expect(200);
  expect(page.items[0]).toEqual(message);
});

test("names the author in answers, events, previews and quotes, and none for a received message", async ({ api }) => {
  const ana = await newUser(api, "agent");
  const { chat } = await newInbox(api, ana.companyId);
  const author = { id: ana.userId, name: "Ana Souza" };
  const Author = { Id: ana.userId, Name: "Ana Souza" };
  const path = `/v1/chats/${chat.id}/messages`;

  const { body: sent } = await api.request.post(path).set(ana.bearer).send({ body: "Já vou ver" }).expect(202);
  const reply = { body: "Achei!", replyTo: sent.id };
  const { body: replied } = await api.request.post(path).set(ana.bearer).send(reply).expect(202);

  expect(sent.author).toEqual(author);
  expect(replied).toMatchObject({ author, quoted: { id: sent.id, author } });
  const { body: page } = await api.request.get(path).set(ana.bearer).expect(200);
  expect(page.items.map((message: { author?: unknown }) => message.author)).toEqual([author, author, undefined]);
  const { body: chats } = await api.request.get("/v1/chats").set(ana.bearer).expect(200);
  expect(chats.items[0].lastMessage).toMatchObject({ id: replied.id, author });
  const events = await eventsOf(api, ana.companyId);
  expect(events.filter(({ type }) => type !== "client_update")).toMatchObject([
    { type: "new_message", data: { Author } },
    { type: "chat_update", data: { Last_Message: { Author } } },
    { type: "new_message", data: { Author, Quoted: { Id: sent.id, Author } } },
    { type: "chat_update", data: { Last_Message: { Author } } },
  ]);
});

test("creates the WhatsApp id of a message before it is sent, in the format of WhatsApp Web", async ({ api }) => {
  const user = await newUser(api);
  const { chat, session } = await newInbox(api, user.companyId);
  await send(api, user, chat.id, { body: "Olá" }).expect(202);
  await api.database.withCompany(user.companyId, ({ sessions }) => sessions.setDesiredState(session.id, "running"));
  const [lease] = await api.database.system.leases.claim({ connectorId: "a", limit: 1, holding: [] });
  const { sessionId = "", generation = 0 } = lease ?? {};
  const claimed = await api.database.withCompany(user.companyId, ({ outboundQueue }) =>
    outboundQueue.claimNext({ sessionId, generation }),
  );
  expect(claimed?.waKey).toMatch(/^3EB0[0-9A-F]{18}$/);
});

test("stores one message for a repeated idempotency key, also for concurrent requests", async ({ api }) => {
  const user = await newUser(api);
  const { chat } = await newInbox(api, user.companyId);
  const key = randomUUID();
  const answers = await Promise.all([1, 2, 3, 4].map(() => send(api, user, chat.id, { body: "Olá", key }).expect(202)));
  answers.push(await send(api, user, chat.id, { body: "Olá", key }).expect(202));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  const events = await eventsOf(api, user.companyId);
  expect(events.map(({ type }) => type)).toEqual(["new_message", "client_update", "chat_update"]);
});

test("rejects an idempotency key that was used for another text or chat", async ({ api }) => {
  const user = await newUser(api);
  const [{ chat }, other] = [await newInbox(api, user.companyId), await newInbox(api, user.companyId)];
  const key = randomUUID();
  await send(api, user, chat.id, { body: "Olá", key }).expect(202);
  const { body } = await send(api, user, chat.id, { body: "Oi", key }).expect(409);
  expect(body.type).toBe("/problems/idempotency-conflict");
  await send(api, user, other.chat.id, { body: "Olá", key }).expect(409);
  const stranger = await newUser(api);
  const theirs = await newInbox(api, stranger.companyId);
  await send(api, stranger, theirs.chat.id, { body: "Oi", key }).expect(202);
});

test("accepts the longest text in its longest encoding, and rejects one more character", async ({ api }) => {
  const user = await newUser(api);
  const { chat } = await newInbox(api, user.companyId);
  const longest = "ã".repeat(65_535);
  const escaped = `{"body":"${"\\u00e3".repeat(65_535)}"}`;
  const post = () => api.request.post(`/v1/chats/${chat.id}/messages`).set(user.bearer).type("json");
  const { body } = await post().send(escaped).expect(202);
  expect(body.body).toBe(longest);
  const refused = await send(api, user, chat.id, { body: `${longest}a` }).expect(422);
  expect(refused.body.errors).toEqual([
    { path: "body", message: "must have at most 65535 characters: split the text into several messages" },
  ]);
  const huge = await send(api, user, chat.id, { body: "a".repeat(600_000) }).expect(413);
  expect(huge.body.detail).toContain("65,535 characters");
});

test("rejects texts that cannot be stored or sent, with the reason", async ({ api }) => {
  const user = await newUser(api);
  const { chat } = await newInbox(api, user.companyId);
  for (const [text, reason] of [
    ["", "Too small"],
    [" \n ", "must not be blank"],
    ["a\u0000b", "NUL"],
    ["half \ud83d", "surrogate"],
    [42, "expected string"],
    [undefined, "is missing"],
  ] as const) {
    const { body } = await send(api, user, chat.id, { body: text }).expect(422);
    expect(body.errors[0]).toMatchObject({ path: "body", message: expect.stringContaining(reason) });
  }
  expect(await eventsOf(api, user.companyId)).toEqual([]);
});

test("rejects messages to a chat whose session was removed", async ({ api }) => {
  const user = await newUser(api);
  const { chat, session } = await newInbox(api, user.companyId);
  await api.request.delete(`/v1/sessions/${session.id}`).set(user.bearer).expect(204);
  const { body } = await send(api, user, chat.id, { body: "Olá" }).expect(409);
  expect(body.detail).toContain("was removed");
});

test("stores messages while Redis is not available, and publishes them when it is back", async ({
  database,
  onTestFinished,
}) => {
  const redis = await startRedis();
  const api = await openApi(database, redis.url);
  onTestFinished(api.close);
  const user = await newUser(api);
  const { chat } = await newInbox(api, user.companyId);
  const { port } = redis;
  await redis.stop();

  const { body: message } = await send(api, user, chat.id, { body: "Olá" }).expect(202);
  const ticket = await api.request.post("/v1/realtime/ticket").set(user.bearer).expect(503);
  expect(ticket.headers["retry-after"]).toBe("2");
  const { body: page } = await api.request.get(`/v1/chats/${chat.id}/messages`).set(user.bearer).expect(200);
  expect(page.items[0].id).toBe(message.id);
  await api.request.get("/health/ready").expect(200);
  expect(api.logged.map(({ msg }) => msg)).toContain("could not signal the session; the sweeper will retry");

  const back = await startRedis({ port });
  onTestFinished(() => back.stop());
  await new Promise<void>((resolve) => {
    if (api.redis.status === "ready") resolve();
    else api.redis.once("ready", () => resolve());
  });
  await api.database.system.outbox.sweep({ olderThanMs: 0 });
  const types = (await eventsOf(api, user.companyId)).map(({ type }) => type);
  expect(types).toEqual(["new_message", "client_update", "chat_update"]);
});
