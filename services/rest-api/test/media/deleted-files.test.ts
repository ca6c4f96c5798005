import { randomUUID } from "node:crypto";
import sharp from "sharp";
import { expect } from "vitest";
import { sweepRemovals } from "../../src/media/removal-sweep.ts";
import { type Api, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";

/** Stores a photo for each message. All of them have the same bytes. */
async function receivePhotos(api: Api, { companyId }: TestUser, count: number) {
  const { chat, session } = await newInbox(api, companyId);
  const bytes = await sharp({ create: { width: 600, height: 600, channels: 3, background: "#0b7a5c" } })
    .png()
    .toBuffer();
  const file = await api.media.put(bytes, { companyId, mimeType: "image/png", fileName: "foto.png" });
  const key = () => ({ sessionId: session.id, direction: 0 as const, waKey: randomUUID() });
  const keys = Array.from({ length: count }, key);
  const mediaId = await api.database.withCompany(companyId, async (unit) => {
    const id = await unit.media.add(file);
    for (const [receipt, each] of keys.entries())
      await unit.messages.insertOnce({
        ...each,
        chatId: chat.id,
        kind: "image",
        body: "",
        status: null,
        mediaId: id,
        timestampMs: Date.now(),
        generation: 1,
        receipt,
      });
    return id;
  });
  const revoke = (index: number) =>
    api.database.withCompany(companyId, async ({ messageChanges }) => {
      const found = keys[index];
      if (found) await messageChanges.applyRevoke(found, { timestampMs: Date.now() });
    });
  return { file, bytes, mediaId, revoke };
}

const isStored = (api: Api, storageKey: string) =>
  api.media.open(storageKey).then(
    ({ stream }) => {
      stream.destroy();
      return true;
    },
    () => false,
  );

test("a deleted message's file and thumbnail are gone at once, also through earlier links, and then from the store", async ({
  api,
}) => {
  const user = await newUser(api);
  const { file, mediaId, revoke } = await receivePhotos(api, user, 1);
  const get = (path: string) => api.request.get(path).set(user.bearer);
  await get(`/v1/media/${mediaId}/thumbnail`).expect(200);
  const link = await api.request.post(`/v1/media/${mediaId}/link`).set(user.bearer).expect(200);
  await api.request.get(link.body.url).expect(200);
  const thumbnail = await api.database.withCompany(user.companyId, ({ thumbnails }) => thumbnails.find(mediaId));

  await revoke(0);
  await get(`/v1/media/${mediaId}`).expect(404);
  await get(`/v1/media/${mediaId}/thumbnail`).expect(404);
  await api.request.get(link.body.url).expect(404);
  expect(await isStored(api, file.storageKey)).toBe(true);
  await sweepRemovals({ database: api.database, store: api.media }, new Date(Date.now() + 60_000));
  expect(await isStored(api, file.storageKey)).toBe(false);
  expect(await isStored(api, thumbnail?.storageKey ?? "")).toBe(false);
});

test("a file that another message has too stays until that one is deleted", async ({ api }) => {
  const user = await newUser(api);
  const { file, mediaId, revoke } = await receivePhotos(api, user, 2);
  const sweep = () => sweepRemovals({ database: api.database, store: api.media }, new Date(Date.now() + 60_000));
  await revoke(0);
  await sweep();
  await api.request.get(`/v1/media/${mediaId}`).set(user.bearer).expect(200);
  await revoke(1);
  await api.request.get(`/v1/media/${mediaId}`).set(user.bearer).expect(404);
  await sweep();
  expect(await isStored(api, file.storageKey)).toBe(false);
});

test("a file that arrives again before its removal stays", async ({ api }) => {
  const user = await newUser(api);
  const { file, bytes, revoke } = await receivePhotos(api, user, 1);
  await revoke(0);
  const { companyId } = user;
  const again = await api.media.put(bytes, { companyId, mimeType: "image/png", fileName: "foto.png" });
  const id = await api.database.withCompany(companyId, ({ media }) => media.add(again));
  await sweepRemovals({ database: api.database, store: api.media }, new Date(Date.now() + 60_000));
  expect(again.storageKey).toBe(file.storageKey);
  await api.request.get(`/v1/media/${id}`).set(user.bearer).expect(200);
});
