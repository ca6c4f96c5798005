import { createHash } from "node:crypto";
import { expect } from "vitest";
import { type Api, newPerson, type Person, test } from "./api-test.ts";

interface File {
  mimeType: string;
  fileName?: string;
  bytes?: string;
}
async function addFile(api: Api, { companyId }: Person, { mimeType, fileName, bytes = mimeType }: File) {
  const file = await api.media.put(Buffer.from(bytes), { companyId, mimeType, fileName: fileName ?? null });
  const id = await api.database.withCompany(companyId, ({ media }) => media.add(file));
  return { id, ...file };
}
const get = (api: Api, person: Person, id: string) => api.request.get(`/v1/media/${id}`).set(person.bearer);

test("a picture is streamed to its own company, and kept by the browser of whoever asked", async ({ api }) => {
  const person = await newPerson(api, "agent");
  const bytes = "\x89PNG".repeat(50_000);
  const { id, sha256, size } = await addFile(api, person, { mimeType: "image/png", fileName: "foto.png", bytes });
  const res = await get(api, person, id)
    .expect(200)
    .expect("Content-Type", "image/png")
    .expect("Content-Length", String(size))
    .expect("Cache-Control", "private, max-age=86400, immutable")
    .expect("Vary", "Authorization")
    .expect("X-Content-Type-Options", "nosniff")
    .expect("Content-Security-Policy", "default-src 'none'; sandbox")
    .expect("Content-Disposition", "inline; filename=\"foto.png\"; filename*=UTF-8''foto.png");
  expect(createHash("sha256").update(res.body).digest("hex")).toBe(sha256);
  await get(api, person, id).set("If-None-Match", `"${sha256}"`).expect(304);
});

test("what could run in a page is only ever saved", async ({ api }) => {
  const person = await newPerson(api);
  for (const mimeType of [
    "text/html",
    "image/svg+xml",
    "application/pdf",
    "text/html; image/png",
    "x\r\nSet-Cookie: a=b",
  ]) {
    const { id } = await addFile(api, person, { mimeType });
    const { headers } = await get(api, person, id).expect(200);
    expect(headers).toMatchObject({ "content-type": "application/octet-stream", "content-disposition": "attachment" });
    expect(headers).not.toHaveProperty("set-cookie");
  }
  const voice = await addFile(api, person, { mimeType: "audio/ogg; codecs=opus" });
  await get(api, person, voice.id).expect("Content-Type", "audio/ogg").expect("Content-Disposition", "inline");
});

test("a file name from a stranger names a file and nothing more", async ({ api }) => {
  const person = await newPerson(api);
  for (const [name, disposition] of [
    ['a";evil="b', "attachment; filename=\"a__evil__b\"; filename*=UTF-8''a%22%3Bevil%3D%22b"],
    ["../../etc/passwd", "attachment; filename=\".._.._etc_passwd\"; filename*=UTF-8''.._.._etc_passwd"],
    ["orçamento\r\n.pdf", "attachment; filename=\"or_amento__.pdf\"; filename*=UTF-8''or%C3%A7amento__.pdf"],
    ["gnp\u202Eexe.pdf", "attachment; filename=\"gnp_exe.pdf\"; filename*=UTF-8''gnp_exe.pdf"],
  ] as const) {
    const { id } = await addFile(api, person, { mimeType: "application/pdf", fileName: name });
    await get(api, person, id).expect(200).expect("Content-Disposition", disposition);
  }
});

test("a file that is gone from the store is not found", async ({ api }) => {
  const person = await newPerson(api);
  const { id, storageKey } = await addFile(api, person, { mimeType: "image/png" });
  await api.media.remove(storageKey);
  const { headers } = await get(api, person, id)
    .expect(404)
    .expect("Content-Type", /problem\+json/);
  expect(headers).toMatchObject({ "cache-control": "no-store" });
  for (const name of ["etag", "content-disposition"]) expect(headers).not.toHaveProperty(name);
});
