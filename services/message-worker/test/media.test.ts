import type { MessageJob, MissingFile, StoredFile } from "@syszap/contracts";
import type { DatabaseUrls } from "@syszap/testing";
import { expect } from "vitest";
import { asOwner, type Company, messageJob, test, type World } from "./fixtures.ts";

const sha256 = "a".repeat(64);
const storedFile = ({ companyId }: Company): StoredFile => ({
  ...{ storageKey: `${companyId}/aa/${sha256}`, mimeType: "image/png", fileName: "foto.png", size: 3, sha256 },
});
const missing = (state: MissingFile["state"]): MissingFile => ({
  ...{ state, reason: "in English", mimeType: "image/png", fileName: "foto.png", size: 3, limit: null },
});
const pendingPhoto = (acme: Company, more: Partial<MessageJob> = {}) =>
  messageJob(acme, {
    ...{ kind: "image", body: "a foto", missingMedia: missing("pending"), mediaHandle: "the handle" },
    ...more,
  });
const mediaJob = ({ companyId, sessionId, waKey, direction }: MessageJob, outcome: object, attempt = 1) => ({
  ...{ companyId, sessionId, waKey, direction, ...outcome, attempt, timestampMs: Date.now() },
});
const claim = (world: World, { sessionId }: Company, more: object = {}) =>
  world.db.system.dueDownloads.claim({
    ...{ sessionIds: [sessionId], busy: [], limit: 10, retryAfterMs: 60_000, maxRetryAfterMs: 60_000 },
    ...more,
  });
const find = (world: World, { companyId }: Company, id: unknown) =>
  world.db.withCompany(companyId, ({ messages }) => messages.find(String(id)));
const downloads = (database: DatabaseUrls) =>
  asOwner(
    database,
    "select next_attempt_at > now() as is_due_later, next_attempt_at is null as is_over from media_downloads",
  );
/** Handed over after all that was added before it, and so told after it. */
async function barrier(world: World, acme: Company) {
  const job = messageJob(acme, { body: "barrier" });
  await world.add("message", job);
  await acme.listener.next(({ type, data }) => type === "new_message" && (data as { Body: string }).Body === "barrier");
}

test("a message whose file comes later shows it as pending, and is told of it exactly once", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme);
  await world.add("message", job);
  await acme.listener.next(({ type }) => type === "new_message");
  const [told] = acme.listener.of("new_message");
  expect(await downloads(database)).toEqual([{ is_due_later: true, is_over: false }]);
  expect(told?.data).toMatchObject({ Type: 1, Missing_Media: { State: "pending", File_Name: "foto.png" } });
  expect(told?.data).not.toHaveProperty("Media");

  const media = storedFile(acme);
  for (const jobId of ["first", "second", "third"]) await world.add("media", mediaJob(job, { media }), { jobId });
  await barrier(world, acme);
  const updates = acme.listener.of("message_update");
  expect(updates.map(({ data }) => data)).toMatchObject([
    {
      Id: told?.data.Id,
      Change: "media",
      Body: "a foto",
      Missing_Media: null,
      Media: { Mime_Type: "image/png", Size: 3 },
    },
  ]);
  const message = await find(world, acme, told?.data.Id);
  expect(message).toMatchObject({ media: { fileName: "foto.png" }, version: updates[0]?.version });
  expect(message).not.toHaveProperty("missingMedia");
  expect(await downloads(database)).toEqual([]);
});

test("a file that comes before its message waits for it", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme);
  await world.add("media", mediaJob(job, { media: storedFile(acme) }));
  await world.add("message", job);
  const { data } = await acme.listener.next(({ type }) => type === "message_update");
  expect(data).toMatchObject({ Change: "media", Missing_Media: null });
  await barrier(world, acme);
  expect(acme.listener.of("message_update")).toHaveLength(1);
});

test("a message that is told again with its file gets it, and one that has it is not told of it again", async ({
  world,
}) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme, { missingMedia: missing("unavailable") });
  const { missingMedia: _missing, mediaHandle: _handle, ...complete } = { ...job, media: storedFile(acme) };
  await world.add("message", job);
  for (const jobId of ["again", "and again"]) await world.add("message", complete, { jobId });
  await barrier(world, acme);
  expect(acme.listener.of("message_update").map(({ data }) => data)).toMatchObject([{ Change: "media" }]);
  expect(acme.listener.of("new_message")).toHaveLength(2);
});

test("of a message that was deleted no file comes back, and nobody asks for it any more", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme);
  const { companyId, sessionId, waKey, direction } = job;
  await world.add("message", job);
  await world.add("revoke", { companyId, sessionId, waKey, direction, timestampMs: Date.now() });
  await acme.listener.next(({ type }) => type === "message_update");
  expect(await downloads(database)).toEqual([]);
  await world.add("media", mediaJob(job, { media: storedFile(acme) }));
  await barrier(world, acme);
  expect(acme.listener.of("message_update").map(({ data }) => data.Change)).toEqual(["revoked"]);
  expect(await downloads(database)).toEqual([]);
});

test("after the last try the message says that its file is unavailable, and again after somebody asked once more", async ({
  world,
  database,
}) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme);
  await world.add("message", job);
  await world.add("media", mediaJob(job, { missingMedia: missing("unavailable") }, 9));
  const { data } = await acme.listener.next(({ type }) => type === "message_update");
  expect(data).toMatchObject({ Missing_Media: { State: "unavailable" }, Media: null });
  const id = String((data as { Id: string }).Id);
  expect(await downloads(database)).toEqual([{ is_due_later: null, is_over: true }]);

  const again = await world.db.withCompany(acme.companyId, ({ messageChanges }) => messageChanges.retryMedia(id));
  expect(again).toMatchObject({ isChanged: true, message: { missingMedia: { state: "pending" } } });
  expect(await claim(world, acme)).toMatchObject([{ waKey: job.waKey, handle: "the handle", attempts: 1 }]);
  expect(await claim(world, acme)).toEqual([]);
  await world.add("media", mediaJob(job, { media: storedFile(acme) }, 1));
  await barrier(world, acme);
  expect(await find(world, acme, id)).toMatchObject({ media: { fileName: "foto.png" } });
});

test("a file that turns out too large is never asked for again", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme);
  await world.add("message", job);
  await world.add("media", mediaJob(job, { missingMedia: { ...missing("too_large"), limit: 2 } }));
  const { data } = await acme.listener.next(({ type }) => type === "message_update");
  const again = await world.db.withCompany(acme.companyId, ({ messageChanges }) =>
    messageChanges.retryMedia(String((data as { Id: string }).Id)),
  );
  expect(again).toBe("impossible");
});

test("a place, cards and a poll are stored and told as they came, and deleted with their message", async ({
  world,
}) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const content = {
    location: { latitude: -23.5614, longitude: -46.6559, name: "MASP\u0000", address: null },
    contacts: [{ name: "Ana \ud800", organisation: null, numbers: [{ text: "+55 11 9", whatsAppNumber: null }] }],
    poll: { question: "Pizza?", options: ["sim", "não"], mostChoices: 1 },
  };
  const job = messageJob(acme, { kind: "location", body: "MASP", content });
  await world.add("message", job);
  await acme.listener.next(({ type }) => type === "new_message");
  const [told] = acme.listener.of("new_message");
  const kept = {
    location: { ...content.location, name: "MASP\ufffd" },
    contacts: [{ ...content.contacts[0], name: "Ana \ufffd" }],
    poll: content.poll,
  };
  expect(told?.data).toMatchObject({ Type: 7, Content: kept });
  expect((await find(world, acme, told?.data.Id))?.content).toEqual(kept);
  const { companyId, sessionId, waKey, direction } = job;
  await world.add("revoke", { companyId, sessionId, waKey, direction, timestampMs: Date.now() });
  const { data } = await acme.listener.next(({ type }) => type === "message_update");
  expect(data).toMatchObject({ Content: null });
  expect(await find(world, acme, told?.data.Id)).not.toHaveProperty("content");
});
