import { randomUUID } from "node:crypto";
import sharp from "sharp";
import { expect } from "vitest";
import { uploadRoutes } from "../../src/routes/uploads.ts";
import { sweepUploads } from "../../src/sending/upload-sweep.ts";
import { type Api, eventsOf, newInbox, newPerson, type Person, test } from "../support/api-test.ts";

const send = (api: Api, person: Person) => (chatId: string, body: object, key?: string) =>
  api.request
    .post(`/v1/chats/${chatId}/messages`)
    .set(key === undefined ? person.bearer : { ...person.bearer, "Idempotency-Key": key })
    .send(body);
const pdf = { type: "application/pdf", name: "Cardápio 1.pdf" };
const upload = (api: Api, person: Person, bytes: Buffer | string, { type, name } = pdf) =>
  api.request
    .post(`/v1/media?fileName=${encodeURIComponent(name)}`)
    .set({ ...person.bearer, "Content-Type": type })
    .send(bytes);
const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(64, 1)]);

async function newChat(api: Api, role: "owner" | "agent" = "agent") {
  const person = await newPerson(api, role);
  const { chat, session } = await newInbox(api, person.companyId);
  const { body: page } = await api.request.get(`/v1/chats/${chat.id}/messages`).set(person.bearer).expect(200);
  const { body: own } = await send(api, person)(chat.id, { body: "nossa" }).expect(202);
  return { person, chat, session, theirs: page.items[0], own };
}

test("an answer shows what it answers, to whoever reads it and to every page", async ({ api }) => {
  const { person, chat, theirs } = await newChat(api);
  const { body } = await send(api, person)(chat.id, { body: "tem", replyTo: theirs.id }).expect(202);
  expect(body.quoted).toEqual({ id: theirs.id, direction: 0, type: 0, body: "Bom dia" });
  const told = (await eventsOf(api, person.companyId)).filter(({ type }) => type === "new_message").at(-1);
  expect(told?.data).toMatchObject({ Id: body.id, Quoted: { Id: theirs.id, Direction: 0, Body: "Bom dia" } });
});

test("an uploaded file is sent as what its content says, told to every page, and fetched like any other", async ({
  api,
}) => {
  const { person, chat } = await newChat(api);
  const { body: file } = await upload(api, person, png, {
    type: "application/octet-stream",
    name: "foto do bolo.png",
  }).expect(201);
  expect(file).toMatchObject({ mimeType: "image/png", fileName: "foto do bolo.png", size: png.length, as: "image" });
  const { body } = await send(api, person)(chat.id, { media: { id: file.id }, body: "o bolo" }).expect(202);
  expect(body).toMatchObject({ type: 1, body: "o bolo", status: "queued", media: { id: file.id } });
  const told = (await eventsOf(api, person.companyId)).filter(({ type }) => type === "new_message").at(-1);
  expect(told?.data).toMatchObject({ Type: 1, Media: { Id: file.id, Mime_Type: "image/png" } });
  const fetched = await api.request.get(`/v1/media/${file.id}`).set(person.bearer).expect(200);
  expect(fetched.body.equals(png)).toBe(true);
});

test("a file is sent only as what it is, and only by its own company", async ({ api }) => {
  const { person, chat } = await newChat(api);
  const { body: file } = await upload(api, person, "%PDF-1.7 and more").expect(201);
  expect(file.as).toBe("document");
  const refused = await send(api, person)(chat.id, { media: { id: file.id, as: "image" } }).expect(422);
  expect(refused.body.errors).toEqual([
    { path: "media.as", message: "a file of type application/pdf can't be sent as image" },
  ]);
  const other = await newChat(api);
  await send(api, other.person)(other.chat.id, { media: { id: file.id } }).expect(404);
});

test("an upload that is empty or too large is refused, and nothing of it is kept", async ({ api }) => {
  const person = await newPerson(api);
  await upload(api, person, "").expect(422);
  const huge = await upload(api, person, Buffer.alloc(100 * 1024 * 1024 + 1)).expect(413);
  expect(huge.body).toMatchObject({ type: "/problems/too-large" });
  await api.request.post("/v1/media").send("x").expect(401);
});

test("a place is a message of its own kind", async ({ api }) => {
  const { person, chat } = await newChat(api);
  const place = { latitude: -23.55, longitude: -46.63, name: "Loja", address: "Praça da Sé, 1" };
  const { body } = await send(api, person)(chat.id, { location: place }).expect(202);
  expect(body).toMatchObject({ type: 7, body: "Loja\nPraça da Sé, 1", content: { location: place } });
});

test("a reaction, an edit and a deletion are queued, and neither listed nor told before WhatsApp took them", async ({
  api,
}) => {
  const { person, chat, theirs, own } = await newChat(api);
  const before = (await eventsOf(api, person.companyId)).length;
  for (const [body, change] of [
    [{ reaction: { messageId: theirs.id, emoji: "👩‍👩‍👧‍👦" } }, { messageId: theirs.id, change: "reaction" }],
    [{ reaction: { messageId: theirs.id, emoji: "" } }, { messageId: theirs.id, change: "reaction" }],
    [{ edit: { messageId: own.id, body: "nossa!" } }, { messageId: own.id, change: "edit" }],
    [{ delete: { messageId: own.id } }, { messageId: own.id, change: "delete" }],
  ] as const) {
    const { body: queued } = await send(api, person)(chat.id, body).expect(202);
    expect(queued).toMatchObject({ status: "queued", changes: change });
  }
  const { body: page } = await api.request.get(`/v1/chats/${chat.id}/messages`).set(person.bearer).expect(200);
  expect(page.items.map(({ id }: { id: string }) => id)).toEqual([own.id, theirs.id]);
  const { body: seen } = await api.request.get(`/v1/chats/${chat.id}`).set(person.bearer).expect(200);
  expect(seen.lastMessage.id).toBe(own.id);
  expect(await eventsOf(api, person.companyId)).toHaveLength(before);
});

test("what can't be changed or answered is refused by name, and leaves no row", async ({ api }) => {
  const { person, chat, theirs, own } = await newChat(api);
  const key = randomUUID();
  await send(api, person)(chat.id, { edit: { messageId: theirs.id, body: "não" } }, key).expect(409);
  await send(api, person)(chat.id, { delete: { messageId: theirs.id } }).expect(409);
  await send(api, person)(chat.id, { body: "oi", replyTo: randomUUID() }).expect(404);
  const elsewhere = await newInbox(api, person.companyId, "Rui");
  await send(api, person)(elsewhere.chat.id, { reaction: { messageId: own.id, emoji: "👍" } }).expect(404);
  // The key of what was refused is free.
  await send(api, person)(chat.id, { body: "outra coisa" }, key).expect(202);
});

test("the same key and order is one row; another order under it is a conflict", async ({ api }) => {
  const { person, chat, own, theirs } = await newChat(api);
  const key = randomUUID();
  const edit = { edit: { messageId: own.id, body: "nossa!" } };
  const [one, two] = [await send(api, person)(chat.id, edit, key), await send(api, person)(chat.id, edit, key)];
  expect(two.body.id).toBe(one.body.id);
  await send(api, person)(chat.id, { edit: { messageId: own.id, body: "outra" } }, key).expect(409);
  await send(api, person)(chat.id, { delete: { messageId: own.id } }, key).expect(409);
  await send(api, person)(chat.id, { body: "nossa!", replyTo: theirs.id }, key).expect(409);
});

test("an order says one thing only, and nothing that is no emoji is a reaction", async ({ api }) => {
  const { person, chat, own } = await newChat(api);
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
    await send(api, person)(chat.id, body).expect(422);
});

test("an upload that no message has is removed after its day, bytes and all; one that was sent stays", async ({
  api,
}) => {
  const { person, chat } = await newChat(api);
  const { body: unsent } = await upload(api, person, "%PDF-never sent").expect(201);
  const { body: sent } = await upload(api, person, "%PDF-sent at once").expect(201);
  await send(api, person)(chat.id, { media: { id: sent.id } }).expect(202);
  const file = await api.database.withCompany(person.companyId, ({ media }) => media.find(unsent.id));
  const parts = { database: api.database, store: api.media };
  expect(await sweepUploads(parts, new Date(Date.now() - 60_000))).toBe(0);
  await api.request.get(`/v1/media/${unsent.id}`).set(person.bearer).expect(200);
  expect(await sweepUploads(parts, new Date(Date.now() + 60_000))).toBe(1);
  await api.request.get(`/v1/media/${unsent.id}`).set(person.bearer).expect(404);
  await expect(api.media.open(file?.storageKey ?? "")).rejects.toMatchObject({ name: "MediaNotFoundError" });
  await api.request.get(`/v1/media/${sent.id}`).set(person.bearer).expect(200);
});

test("with an upload its small picture goes too, but never the bytes that another file or small picture is made of", async ({
  api,
}) => {
  const { person, chat } = await newChat(api);
  const photo = await sharp({ create: { width: 900, height: 600, channels: 3, background: "#206040" } })
    .png()
    .toBuffer();
  const asPng = { type: "image/png", name: "foto.png" };
  const { body: unsent } = await upload(api, person, photo, asPng).expect(201);
  const sentPhoto = await sharp(photo).negate().png().toBuffer();
  const { body: sent } = await upload(api, person, sentPhoto, asPng).expect(201);
  await send(api, person)(chat.id, { media: { id: sent.id } }).expect(202);
  const small = async (id: string) =>
    (await api.request.get(`/v1/media/${id}/thumbnail`).set(person.bearer).expect(200)).body as Buffer;
  await small(unsent.id);
  // Somebody saved the small picture of a sent photo, uploaded it, and thought better of it.
  const { body: saved } = await upload(api, person, await small(sent.id), { type: "image/webp", name: "p.webp" });
  const thumbnail = await api.database.withCompany(person.companyId, ({ thumbnails }) => thumbnails.find(unsent.id));
  const gone = thumbnail?.storageKey ?? "";
  expect(gone).not.toBe("");

  expect(await sweepUploads({ database: api.database, store: api.media }, new Date(Date.now() + 60_000))).toBe(2);
  await expect(api.media.open(gone)).rejects.toMatchObject({ name: "MediaNotFoundError" });
  await api.request.get(`/v1/media/${saved.id}`).set(person.bearer).expect(404);
  expect((await small(sent.id)).length).toBeGreaterThan(0);
});

test("a company that uploads without sending is held back, and only that company", async ({ api }) => {
  const { person, chat } = await newChat(api);
  const { uploadMedia } = uploadRoutes(api.database, api.media, 10);
  const ask = (companyId: string) =>
    uploadMedia({ query: {}, caller: { companyId, userId: person.userId }, req: { get: () => "gzip" } } as never);
  const { body: file } = await upload(api, person, "%PDF-1.7 never sent").expect(201);
  await expect(ask(person.companyId)).rejects.toMatchObject({ problem: "too_many" });
  const other = await newPerson(api);
  await expect(ask(other.companyId)).rejects.toMatchObject({ problem: "unsupported_media_type" });
  await send(api, person)(chat.id, { media: { id: file.id } }).expect(202);
  await expect(ask(person.companyId)).rejects.toMatchObject({ problem: "unsupported_media_type" });
});
