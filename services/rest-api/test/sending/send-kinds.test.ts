import { randomUUID } from "node:crypto";
import { createLogger } from "@syszap/platform";
import sharp from "sharp";
import { expect } from "vitest";
import { uploadRoutes } from "../../src/routes/uploads.ts";
import { sweepUploads } from "../../src/sending/upload-sweep.ts";
import { type Api, eventsOf, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";

const send = (api: Api, user: TestUser) => (chatId: string, body: object, key?: string) =>
  api.request
    .post(`/v1/chats/${chatId}/messages`)
    .set(key === undefined ? user.bearer : { ...user.bearer, "Idempotency-Key": key })
    .send(body);
const log = createLogger({ service: "test", level: "silent" });
const pdf = { type: "application/pdf", name: "Cardápio 1.pdf" };
const upload = (api: Api, user: TestUser, bytes: Buffer | string, { type, name } = pdf) =>
  api.request
    .post(`/v1/media?fileName=${encodeURIComponent(name)}`)
    .set({ ...user.bearer, "Content-Type": type })
    .send(bytes);
const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(64, 1)]);

async function newChat(api: Api, role: "owner" | "agent" = "agent") {
  const user = await newUser(api, role);
  const { chat, session } = await newInbox(api, user.companyId);
  const { body: page } = await api.request.get(`/v1/chats/${chat.id}/messages`).set(user.bearer).expect(200);
  const { body: own } = await send(api, user)(chat.id, { body: "nossa" }).expect(202);
  return { user, chat, session, theirs: page.items[0], own };
}

test("includes the quoted message in the response and in the event", async ({ api }) => {
  const { user, chat, theirs } = await newChat(api);
  const { body } = await send(api, user)(chat.id, { body: "tem", replyTo: theirs.id }).expect(202);
  expect(body.quoted).toEqual({ id: theirs.id, direction: 0, type: 0, body: "Bom dia" });
  const published = (await eventsOf(api, user.companyId)).filter(({ type }) => type === "new_message").at(-1);
  expect(published?.data).toMatchObject({ Id: body.id, Quoted: { Id: theirs.id, Direction: 0, Body: "Bom dia" } });
});

test("sends an uploaded file by its detected type, publishes it and serves it for download", async ({ api }) => {
  const { user, chat } = await newChat(api);
  const { body: file } = await upload(api, user, png, {
    type: "application/octet-stream",
    name: "foto do bolo.png",
  }).expect(201);
  expect(file).toMatchObject({ mimeType: "image/png", fileName: "foto do bolo.png", size: png.length, as: "image" });
  const { body } = await send(api, user)(chat.id, { media: { id: file.id }, body: "o bolo" }).expect(202);
  expect(body).toMatchObject({ type: 1, body: "o bolo", status: "queued", media: { id: file.id } });
  const published = (await eventsOf(api, user.companyId)).filter(({ type }) => type === "new_message").at(-1);
  expect(published?.data).toMatchObject({ Type: 1, Media: { Id: file.id, Mime_Type: "image/png" } });
  const fetched = await api.request.get(`/v1/media/${file.id}`).set(user.bearer).expect(200);
  expect(fetched.body.equals(png)).toBe(true);
});

test("sends a file only as its own type and only within its company", async ({ api }) => {
  const { user, chat } = await newChat(api);
  const { body: file } = await upload(api, user, "%PDF-1.7 and more").expect(201);
  expect(file.as).toBe("document");
  const refused = await send(api, user)(chat.id, { media: { id: file.id, as: "image" } }).expect(422);
  expect(refused.body.errors).toEqual([
    { path: "media.as", message: "a file of type application/pdf cannot be sent as image" },
  ]);
  const other = await newChat(api);
  await send(api, other.user)(other.chat.id, { media: { id: file.id } }).expect(404);
});

test("rejects an upload that is empty or too large", async ({ api }) => {
  const user = await newUser(api);
  await upload(api, user, "").expect(422);
  const huge = await upload(api, user, Buffer.alloc(100 * 1024 * 1024 + 1)).expect(413);
  expect(huge.body).toMatchObject({ type: "/problems/too-large" });
  await api.request.post("/v1/media").send("x").expect(401);
});

test("sends a location", async ({ api }) => {
  const { user, chat } = await newChat(api);
  const location = { latitude: -23.55, longitude: -46.63, name: "Loja", address: "Praça da Sé, 1" };
  const { body } = await send(api, user)(chat.id, { location }).expect(202);
  expect(body).toMatchObject({ type: 7, body: "Loja\nPraça da Sé, 1", content: { location } });
});

test("queues reactions, edits and deletions without listing or publishing them before WhatsApp accepts them", async ({
  api,
}) => {
  const { user, chat, theirs, own } = await newChat(api);
  const before = (await eventsOf(api, user.companyId)).length;
  for (const [body, change] of [
    [{ reaction: { messageId: theirs.id, emoji: "👩‍👩‍👧‍👦" } }, { messageId: theirs.id, change: "reaction" }],
    [{ reaction: { messageId: theirs.id, emoji: "" } }, { messageId: theirs.id, change: "reaction" }],
    [{ edit: { messageId: own.id, body: "nossa!" } }, { messageId: own.id, change: "edit" }],
    [{ delete: { messageId: own.id } }, { messageId: own.id, change: "delete" }],
  ] as const) {
    const { body: queued } = await send(api, user)(chat.id, body).expect(202);
    expect(queued).toMatchObject({ status: "queued", changes: change });
  }
  const { body: page } = await api.request.get(`/v1/chats/${chat.id}/messages`).set(user.bearer).expect(200);
  expect(page.items.map(({ id }: { id: string }) => id)).toEqual([own.id, theirs.id]);
  const { body: seen } = await api.request.get(`/v1/chats/${chat.id}`).set(user.bearer).expect(200);
  expect(seen.lastMessage.id).toBe(own.id);
  expect(await eventsOf(api, user.companyId)).toHaveLength(before);
});

test("rejects operations on messages that cannot be changed or quoted, and stores no row", async ({ api }) => {
  const { user, chat, theirs, own } = await newChat(api);
  const key = randomUUID();
  await send(api, user)(chat.id, { edit: { messageId: theirs.id, body: "não" } }, key).expect(409);
  await send(api, user)(chat.id, { delete: { messageId: theirs.id } }).expect(409);
  await send(api, user)(chat.id, { body: "oi", replyTo: randomUUID() }).expect(404);
  const elsewhere = await newInbox(api, user.companyId, "Rui");
  await send(api, user)(elsewhere.chat.id, { reaction: { messageId: own.id, emoji: "👍" } }).expect(404);
  // A rejected request does not use up its key.
  await send(api, user)(chat.id, { body: "outra coisa" }, key).expect(202);
});

test("stores one row for a repeated idempotency key, and rejects the key for another operation", async ({ api }) => {
  const { user, chat, own, theirs } = await newChat(api);
  const key = randomUUID();
  const edit = { edit: { messageId: own.id, body: "nossa!" } };
  const [one, two] = [await send(api, user)(chat.id, edit, key), await send(api, user)(chat.id, edit, key)];
  expect(two.body.id).toBe(one.body.id);
  await send(api, user)(chat.id, { edit: { messageId: own.id, body: "outra" } }, key).expect(409);
  await send(api, user)(chat.id, { delete: { messageId: own.id } }, key).expect(409);
  await send(api, user)(chat.id, { body: "nossa!", replyTo: theirs.id }, key).expect(409);
});

test("rejects requests with several operations, and reactions that are not one emoji", async ({ api }) => {
  const { user, chat, own } = await newChat(api);
  const messageId = own.id;
  for (const body of [
    { edit: { messageId, body: "a" }, delete: { messageId } },
    { body: "a", delete: { messageId } },
    { delete: { messageId }, replyTo: messageId },
    { reaction: { messageId, emoji: "ok" } },
    { reaction: { messageId, emoji: "👍👍" } },
    { location: { latitude: 91, longitude: 0 } },
    {},
  ])
    await send(api, user)(chat.id, body).expect(422);
});

test("removes an unsent upload with its file after a day, and keeps a sent one", async ({ api }) => {
  const { user, chat } = await newChat(api);
  const { body: unsent } = await upload(api, user, "%PDF-never sent").expect(201);
  const { body: sent } = await upload(api, user, "%PDF-sent at once").expect(201);
  await send(api, user)(chat.id, { media: { id: sent.id } }).expect(202);
  const file = await api.database.withCompany(user.companyId, ({ media }) => media.find(unsent.id));
  const dependencies = { database: api.database, store: api.media };
  expect(await sweepUploads(dependencies, new Date(Date.now() - 60_000))).toBe(0);
  await api.request.get(`/v1/media/${unsent.id}`).set(user.bearer).expect(200);
  expect(await sweepUploads(dependencies, new Date(Date.now() + 60_000))).toBe(1);
  await api.request.get(`/v1/media/${unsent.id}`).set(user.bearer).expect(404);
  await expect(api.media.open(file?.storageKey ?? "")).rejects.toMatchObject({ name: "MediaNotFoundError" });
  await api.request.get(`/v1/media/${sent.id}`).set(user.bearer).expect(200);
});

test("removes the thumbnail with its upload, but no file that another upload or thumbnail uses", async ({ api }) => {
  const { user, chat } = await newChat(api);
  const photo = await sharp({ create: { width: 900, height: 600, channels: 3, background: "#206040" } })
    .png()
    .toBuffer();
  const asPng = { type: "image/png", name: "foto.png" };
  const { body: unsent } = await upload(api, user, photo, asPng).expect(201);
  const sentPhoto = await sharp(photo).negate().png().toBuffer();
  const { body: sent } = await upload(api, user, sentPhoto, asPng).expect(201);
  await send(api, user)(chat.id, { media: { id: sent.id } }).expect(202);
  const thumbnailOf = async (id: string) =>
    (await api.request.get(`/v1/media/${id}/thumbnail`).set(user.bearer).expect(200)).body as Buffer;
  await thumbnailOf(unsent.id);
  // The thumbnail of a sent photo is uploaded as a file of its own and never sent.
  const { body: saved } = await upload(api, user, await thumbnailOf(sent.id), { type: "image/webp", name: "p.webp" });
  const thumbnail = await api.database.withCompany(user.companyId, ({ thumbnails }) => thumbnails.find(unsent.id));
  const storageKey = thumbnail?.storageKey ?? "";
  expect(storageKey).not.toBe("");

  expect(await sweepUploads({ database: api.database, store: api.media }, new Date(Date.now() + 60_000))).toBe(2);
  await expect(api.media.open(storageKey)).rejects.toMatchObject({ name: "MediaNotFoundError" });
  await api.request.get(`/v1/media/${saved.id}`).set(user.bearer).expect(404);
  expect((await thumbnailOf(sent.id)).length).toBeGreaterThan(0);
});

test("limits the unsent uploads of each company, until they are sent", async ({ api }) => {
  const { user, chat } = await newChat(api);
  const reserve = (companyId: string, bytes: number) =>
    api.database.withCompany(companyId, ({ uploads }) => uploads.reserve(bytes, { maxBytes: 100, lifeMs: 60_000 }));
  const { body: file } = await upload(api, user, "%PDF-1.7 never sent").expect(201);
  expect(await reserve(user.companyId, 101 - file.size)).toBeUndefined();
  expect(await reserve((await newUser(api)).companyId, 101 - file.size)).toEqual(expect.any(String));
  await send(api, user)(chat.id, { media: { id: file.id } }).expect(202);
  expect(await reserve(user.companyId, 101 - file.size)).toEqual(expect.any(String));
});

test("reserves the space of uploads before they are received, and releases that of failed ones", async ({ api }) => {
  const user = await newUser(api);
  const { uploadMedia } = uploadRoutes({ database: api.database, store: api.media, log, maxUnsentBytes: 100 });
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const put = (length: number, content: () => AsyncGenerator<Uint8Array>) => {
    const headers: Record<string, string> = { "content-length": String(length), "content-type": "application/pdf" };
    const req = { get: (name: string) => headers[name], iterator: content, destroyed: false };
    return uploadMedia({ query: {}, caller: user, req } as never);
  };
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const slow = async function* () {
    begin();
    await finished;
    yield Buffer.alloc(60, randomUUID());
  };
  const quick = async function* () {
    yield Buffer.alloc(60, randomUUID());
  };
  const failing = async function* () {
    yield Buffer.alloc(1);
    throw new Error("cut");
  };
  const answers = Promise.allSettled([put(60, slow), put(60, slow), put(60, slow)]);
  await begun;
  await expect(put(60, quick)).rejects.toMatchObject({ problem: "too_many" });
  finish();
  // Exactly one of the concurrent uploads was admitted.
  expect((await answers).map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
  for (let attempt = 0; attempt < 3; attempt += 1)
    await expect(put(40, failing)).rejects.toMatchObject({ problem: "malformed" });
  await expect(put(41, quick)).rejects.toMatchObject({ problem: "too_many" });
  await put(40, async function* () {
    yield Buffer.alloc(40, randomUUID());
  });
});

test("ends the reservation of a killed process after its time", async ({ api }) => {
  const { companyId } = await newUser(api);
  const reserve = (lifeMs: number) =>
    api.database.withCompany(companyId, ({ uploads }) => uploads.reserve(60, { maxBytes: 100, lifeMs }));
  expect(await reserve(-1)).toEqual(expect.any(String));
  expect(await reserve(60_000)).toEqual(expect.any(String));
  expect(await reserve(60_000)).toBeUndefined();
});
