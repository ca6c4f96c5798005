import { createHash } from "node:crypto";
import type { MissingFile } from "@syszap/contracts";
import sharp from "sharp";
import { expect } from "vitest";
import { type Api, eventsOf, newInbox, newUser, type TestUser, test } from "../support/api-test.ts";
import { heicColour, heicOf, heicPhoto } from "../support/heic.ts";
import { blackPng, pngHeader, pngSignature } from "../support/png.ts";

interface File {
  mimeType: string;
  fileName?: string;
  bytes?: string | Buffer;
}
const drawn = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#0b7a5c" } });

async function addFile(api: Api, { companyId }: TestUser, { mimeType, fileName, bytes = mimeType }: File) {
  const file = await api.media.put(Buffer.from(bytes as string), { companyId, mimeType, fileName: fileName ?? null });
  const id = await api.database.withCompany(companyId, ({ media }) => media.add(file));
  return { id, ...file };
}
const get = (api: Api, user: TestUser, id: string) => api.request.get(`/v1/media/${id}`).set(user.bearer);

test("serves a picture to its company, and the browser must ask before it uses a copy", async ({ api }) => {
  const user = await newUser(api, "agent");
  const bytes = Buffer.concat([pngSignature, Buffer.alloc(200_000, 7)]);
  const { id, sha256, size } = await addFile(api, user, { mimeType: "image/png", fileName: "foto.png", bytes });
  const res = await get(api, user, id)
    .expect(200)
    .expect("Content-Type", "image/png")
    .expect("Content-Length", String(size))
    .expect("Cache-Control", "private, no-cache")
    .expect("Vary", "Authorization")
    .expect("X-Content-Type-Options", "nosniff")
    .expect("Content-Security-Policy", "default-src 'none'; sandbox")
    .expect("Content-Disposition", "inline; filename=\"foto.png\"; filename*=UTF-8''foto.png");
  expect(createHash("sha256").update(res.body).digest("hex")).toBe(sha256);
  await get(api, user, id).set("If-None-Match", `"${sha256}"`).expect(304);
  await api.request.get(`/v1/media/${id}`).set("If-None-Match", `"${sha256}"`).expect(401);
});

test("serves types that could run scripts as downloads only", async ({ api }) => {
  const user = await newUser(api);
  for (const mimeType of [
    "text/html",
    "image/svg+xml",
    "application/pdf",
    "text/html; image/png",
    "x\r\nSet-Cookie: a=b",
  ]) {
    const { id } = await addFile(api, user, { mimeType });
    const { headers } = await get(api, user, id).expect(200);
    expect(headers).toMatchObject({ "content-type": "application/octet-stream", "content-disposition": "attachment" });
    expect(headers).not.toHaveProperty("set-cookie");
  }
  const ogg = Buffer.concat([Buffer.from("OggS"), Buffer.alloc(24), Buffer.from("OpusHead")]);
  const voice = await addFile(api, user, { mimeType: "audio/ogg; codecs=opus", bytes: ogg });
  await get(api, user, voice.id).expect("Content-Type", "audio/ogg").expect("Content-Disposition", "inline");
});

test("serves a page that is declared as media as a download only", async ({ api }) => {
  const user = await newUser(api);
  const bytes = "<!doctype html><script>alert(1)</script>";
  for (const mimeType of ["image/png", "video/mp4", "image/svg+xml"]) {
    const { id } = await addFile(api, user, { mimeType, bytes });
    const { headers } = await get(api, user, id).expect(200);
    expect(headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": "attachment",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
    });
  }
});

test("encodes untrusted file names safely", async ({ api }) => {
  const user = await newUser(api);
  for (const [name, disposition] of [
    ['a";evil="b', "attachment; filename=\"a__evil__b\"; filename*=UTF-8''a%22%3Bevil%3D%22b"],
    ["../../etc/passwd", "attachment; filename=\".._.._etc_passwd\"; filename*=UTF-8''.._.._etc_passwd"],
    ["orçamento\r\n.pdf", "attachment; filename=\"or_amento__.pdf\"; filename*=UTF-8''or%C3%A7amento__.pdf"],
    ["gnp\u202Eexe.pdf", "attachment; filename=\"gnp_exe.pdf\"; filename*=UTF-8''gnp_exe.pdf"],
  ] as const) {
    const { id } = await addFile(api, user, { mimeType: "application/pdf", fileName: name });
    await get(api, user, id).expect(200).expect("Content-Disposition", disposition);
  }
});

test("answers 404 when the store does not have the file", async ({ api }) => {
  const user = await newUser(api);
  const { id, storageKey } = await addFile(api, user, { mimeType: "image/png" });
  await api.media.remove(storageKey);
  const { headers } = await get(api, user, id)
    .expect(404)
    .expect("Content-Type", /problem\+json/);
  expect(headers).toMatchObject({ "cache-control": "no-store" });
  for (const name of ["etag", "content-disposition"]) expect(headers).not.toHaveProperty(name);
});

const thumbnail = (api: Api, user: TestUser, id: string) =>
  api.request.get(`/v1/media/${id}/thumbnail`).set(user.bearer);

test("creates an upright thumbnail of an image once, cacheable by the browser", async ({ api }) => {
  const user = await newUser(api);
  // A portrait photo as cameras write it: rotated, with an orientation tag.
  const bytes = await drawn(2_000, 1_000).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const { id, storageKey } = await addFile(api, user, { mimeType: "image/jpeg", fileName: "foto.jpg", bytes });
  const res = await thumbnail(api, user, id).expect(200).expect("Content-Type", "image/webp");
  expect(await sharp(res.body).metadata()).toMatchObject({ format: "webp", width: 256, height: 512 });
  expect(res.headers["cache-control"]).toBe("private, no-cache");
  await thumbnail(api, user, id).set("If-None-Match", String(res.headers.etag)).expect(304);
  await api.media.remove(storageKey); // The thumbnail is stored and not created again.
  await thumbnail(api, user, id).expect(200);
});

test("creates one thumbnail for concurrent requests", async ({ api }) => {
  const user = await newUser(api);
  const { id } = await addFile(api, user, { mimeType: "image/png", bytes: await drawn(900, 900).png().toBuffer() });
  const answers = await Promise.all(Array.from({ length: 8 }, () => thumbnail(api, user, id).expect(200)));
  expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(1);
});

test("does not enlarge small images, and takes the first frame of an animation", async ({ api }) => {
  const user = await newUser(api);
  const { id } = await addFile(api, user, { mimeType: "image/gif", bytes: await drawn(20, 10).gif().toBuffer() });
  const { body } = await thumbnail(api, user, id).expect(200);
  expect(await sharp(body).metadata()).toMatchObject({ format: "webp", width: 20, height: 10 });
});

test("converts a HEIC photo, which browsers cannot show", async ({ api }) => {
  const user = await newUser(api);
  const { id } = await addFile(api, user, { mimeType: "image/heic", fileName: "IMG_1.HEIC", bytes: heicPhoto });
  const { body } = await thumbnail(api, user, id).expect(200).expect("Content-Type", "image/webp");
  expect(await sharp(body).metadata()).toMatchObject({ format: "webp", width: 64, height: 48 });
  const { dominant } = await sharp(body).stats();
  for (const colour of ["r", "g", "b"] as const)
    expect(Math.abs(dominant[colour] - heicColour[colour])).toBeLessThan(16);
});

test("creates no thumbnail of files that are not images, damaged or too large", async ({ api }) => {
  const user = await newUser(api);
  const whole = await drawn(800, 800).jpeg().toBuffer();
  const bomb = blackPng({ width: 9_000, height: 9_000 }); // 240 MB when decoded.
  expect(bomb.byteLength).toBeLessThan(20_000);
  for (const [mimeType, bytes] of [
    ["application/pdf", Buffer.from("%PDF-1.7 and so on")],
    ["image/svg+xml", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')],
    ["image/jpeg", whole.subarray(0, 300)],
    ["image/heic", heicPhoto.subarray(0, 400)],
    ["image/heic", heicOf(9_000, 9_000)],
    ["image/png", bomb],
    ["image/png", pngHeader({ width: 1, height: 64_000_000 })],
    ["image/png", pngHeader({ width: 8_000, height: 7_999, bitDepth: 16, colorType: 6, isInterlaced: true })],
  ] as const) {
    const { id } = await addFile(api, user, { mimeType, bytes });
    for (const _look of ["first", "second"]) await thumbnail(api, user, id).expect(404);
    await get(api, user, id).expect(200);
  }
});

test("issues a link for one file that needs no token and opens no other file", async ({ api }) => {
  const user = await newUser(api);
  const bytes = Buffer.concat([Buffer.from("ID3\x04"), Buffer.alloc(1_000, 1)]);
  const [file, other] = [
    await addFile(api, user, { mimeType: "audio/mpeg", bytes }),
    await addFile(api, user, { mimeType: "audio/mpeg", bytes: Buffer.concat([bytes, bytes]) }),
  ];
  const { body } = await api.request.post(`/v1/media/${file.id}/link`).set(user.bearer).expect(200);
  expect(Date.parse(body.expiresAt)).toBeGreaterThan(Date.now() + 60_000);
  const part = await api.request.get(body.url).set("Range", "bytes=4-7").expect(206);
  expect(part.headers).toMatchObject({ "content-type": "audio/mpeg", "content-range": "bytes 4-7/1004" });
  await api.request.get(body.url.replace(file.id, other.id)).expect(401);
  await api.request.get(`/v1/media/${file.id}/content?link=${"x".repeat(30)}`).expect(401);
  // Other tokens are not accepted as a link, and the link is not accepted as a token.
  const token = user.bearer.Authorization.slice("Bearer ".length);
  await api.request.get(`/v1/media/${file.id}/content?link=${token}`).expect(401);
  const link = new URL(body.url, "http://api").searchParams.get("link");
  await get(api, { ...user, bearer: { Authorization: `Bearer ${link}` } }, file.id).expect(401);
});

test("serves files, thumbnails and links to their own company only", async ({ api }) => {
  const [user, stranger] = [await newUser(api), await newUser(api)];
  const { id } = await addFile(api, user, { mimeType: "image/png", bytes: await drawn(9, 9).png().toBuffer() });
  await thumbnail(api, user, id).expect(200);
  await get(api, stranger, id).expect(404);
  await thumbnail(api, stranger, id).expect(404);
  await api.request.post(`/v1/media/${id}/link`).set(stranger.bearer).expect(404);
});

const missing: MissingFile = {
  state: "unavailable",
  reason: "in English",
  mimeType: "image/png",
  fileName: null,
  size: null,
  limit: null,
};
async function messageWithoutFile(
  api: Api,
  { companyId }: TestUser,
  change: Partial<MissingFile> = {},
  handle?: string,
) {
  const { session, chat } = await newInbox(api, companyId);
  const missingMedia = { ...missing, ...change };
  return api.database.withCompany(companyId, async ({ messages, mediaDownloads }) => {
    const key = { sessionId: session.id, direction: 0 as const, waKey: "3EB0FILE" };
    const message = await messages.insertOnce({
      ...key,
      chatId: chat.id,
      kind: "image",
      body: "",
      status: null,
      mediaId: null,
      missingMedia,
      timestampMs: Date.now(),
      generation: 1,
      receipt: 2,
    });
    if (handle !== undefined) await mediaDownloads.add(key, { ...missingMedia, handle });
    if (!message) throw new Error("the message was not stored");
    return message;
  });
}
const retry = (api: Api, user: TestUser, id: string) =>
  api.request.post(`/v1/messages/${id}/media/retry`).set(user.bearer);

test("requests a missing file from WhatsApp again and publishes that", async ({ api }) => {
  const user = await newUser(api, "agent");
  const { id } = await messageWithoutFile(api, user, {}, "the handle");
  const { body } = await retry(api, user, id).expect(202);
  expect(body).toMatchObject({ id, media: null, missingMedia: { state: "pending" }, version: 2 });
  await retry(api, user, id).expect(202);
  const updates = (await eventsOf(api, user.companyId)).filter(({ type }) => type === "message_update");
  expect(updates).toMatchObject([{ version: 2, data: { Change: "media", Missing_Media: { State: "pending" } } }]);
});

test("rejects a retry for files that are too large, unavailable or of another company", async ({ api }) => {
  const [user, stranger] = [await newUser(api), await newUser(api)];
  const tooLarge = await messageWithoutFile(api, user, { state: "too_large", limit: 1 }, "the handle");
  await retry(api, user, tooLarge.id).expect(409);
  const unknown = await messageWithoutFile(api, await newUser(api, "owner", user.companyId));
  await retry(api, user, unknown.id).expect(409);
  await retry(api, stranger, tooLarge.id).expect(404);
});
