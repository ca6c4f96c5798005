import type { MessageJob, MissingFile, StoredFile } from "@syszap/contracts";
import type { DatabaseUrls } from "@syszap/testing";
import { expect } from "vitest";
import { asOwner, type Company, messageJob, type TestEnvironment, test } from "./fixtures.ts";

const sha256 = "a".repeat(64);
const storedFile = ({ companyId }: Company): StoredFile => ({
  storageKey: `${companyId}/aa/${sha256}`,
  mimeType: "image/png",
  fileName: "foto.png",
  size: 3,
  sha256,
});
const missing = (state: MissingFile["state"]): MissingFile => ({
  state,
  reason: "in English",
  mimeType: "image/png",
  fileName: "foto.png",
  size: 3,
  limit: null,
});
const pendingPhoto = (acme: Company, more: Partial<MessageJob> = {}) =>
  messageJob(acme, {
    kind: "image",
    body: "a foto",
    missingMedia: missing("pending"),
    mediaHandle: "the handle",
    ...more,
  });
const mediaJob = ({ companyId, sessionId, waKey, direction }: MessageJob, outcome: object, attempt = 1) => ({
  companyId,
  sessionId,
  waKey,
  direction,
  ...outcome,
  attempt,
  timestampMs: Date.now(),
});
const claim = (environment: TestEnvironment, { sessionId }: Company, more: object = {}) =>
  environment.db.system.dueDownloads.claim({
    sessionIds: [sessionId],
    busy: [],
    limit: 10,
    retryAfterMs: 60_000,
    maxRetryAfterMs: 60_000,
    ...more,
  });
const find = (environment: TestEnvironment, { companyId }: Company, id: unknown) =>
  environment.db.withCompany(companyId, ({ messages }) => messages.find(String(id)));
const downloads = (database: DatabaseUrls) =>
  asOwner(
    database,
    "select next_attempt_at > now() as is_due_later, next_attempt_at is null as is_over from media_downloads",
  );
/** Waits until every job added so far was processed. Needs a worker with concurrency 1. */
async function barrier(environment: TestEnvironment, acme: Company) {
  const job = messageJob(acme, { body: "barrier" });
  await environment.add("message", job);
  await acme.events.next(({ type, data }) => type === "new_message" && (data as { Body: string }).Body === "barrier");
}

test("shows a missing file as pending, and emits one update when the file arrives several times", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme);
  await environment.add("message", job);
  await acme.events.next(({ type }) => type === "new_message");
  const [published] = acme.events.of("new_message");
  expect(await downloads(database)).toEqual([{ is_due_later: true, is_over: false }]);
  expect(published?.data).toMatchObject({ Type: 1, Missing_Media: { State: "pending", File_Name: "foto.png" } });
  expect(published?.data).not.toHaveProperty("Media");

  const media = storedFile(acme);
  for (const jobId of ["first", "second", "third"]) await environment.add("media", mediaJob(job, { media }), { jobId });
  await barrier(environment, acme);
  const updates = acme.events.of("message_update");
  expect(updates.map(({ data }) => data)).toMatchObject([
    {
      Id: published?.data.Id,
      Change: "media",
      Body: "a foto",
      Missing_Media: null,
      Media: { Mime_Type: "image/png", Size: 3 },
    },
  ]);
  const message = await find(environment, acme, published?.data.Id);
  expect(message).toMatchObject({ media: { fileName: "foto.png" }, version: updates[0]?.version });
  expect(message).not.toHaveProperty("missingMedia");
  expect(await downloads(database)).toEqual([]);
});

test("keeps a file that arrives before its message", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme);
  await environment.add("media", mediaJob(job, { media: storedFile(acme) }));
  await environment.add("message", job);
  const { data } = await acme.events.next(({ type }) => type === "message_update");
  expect(data).toMatchObject({ Change: "media", Missing_Media: null });
  await barrier(environment, acme);
  expect(acme.events.of("message_update")).toHaveLength(1);
});

test("takes the file from a repeated report of the message, and emits it once", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme, { missingMedia: missing("unavailable") });
  const { missingMedia: _missing, mediaHandle: _handle, ...complete } = { ...job, media: storedFile(acme) };
  await environment.add("message", job);
  for (const jobId of ["again", "and again"]) await environment.add("message", complete, { jobId });
  await barrier(environment, acme);
  expect(acme.events.of("message_update").map(({ data }) => data)).toMatchObject([{ Change: "media" }]);
  expect(acme.events.of("new_message")).toHaveLength(2);
});

test("ignores the file of a deleted message, and cancels its download", async ({ environment, database }) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme);
  const { companyId, sessionId, waKey, direction } = job;
  await environment.add("message", job);
  await environment.add("revoke", { companyId, sessionId, waKey, direction, timestampMs: Date.now() });
  await acme.events.next(({ type }) => type === "message_update");
  expect(await downloads(database)).toEqual([]);
  await environment.add("media", mediaJob(job, { media: storedFile(acme) }));
  await barrier(environment, acme);
  expect(acme.events.of("message_update").map(({ data }) => data.Change)).toEqual(["revoked"]);
  expect(await downloads(database)).toEqual([]);
});

test("shows a file as unavailable after the last attempt, and downloads it after a retry", async ({
  environment,
  database,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme);
  await environment.add("message", job);
  await environment.add("media", mediaJob(job, { missingMedia: missing("unavailable") }, 9));
  const { data } = await acme.events.next(({ type }) => type === "message_update");
  expect(data).toMatchObject({ Missing_Media: { State: "unavailable" }, Media: null });
  const id = String((data as { Id: string }).Id);
  expect(await downloads(database)).toEqual([{ is_due_later: null, is_over: true }]);

  const again = await environment.db.withCompany(acme.companyId, ({ messageChanges }) => messageChanges.retryMedia(id));
  expect(again).toMatchObject({ isChanged: true, message: { missingMedia: { state: "pending" } } });
  expect(await claim(environment, acme)).toMatchObject([{ waKey: job.waKey, handle: "the handle", attempts: 1 }]);
  expect(await claim(environment, acme)).toEqual([]);
  await environment.add("media", mediaJob(job, { media: storedFile(acme) }, 1));
  await barrier(environment, acme);
  expect(await find(environment, acme, id)).toMatchObject({ media: { fileName: "foto.png" } });
});

test("does not retry a file that is too large", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = pendingPhoto(acme);
  await environment.add("message", job);
  await environment.add("media", mediaJob(job, { missingMedia: { ...missing("too_large"), limit: 2 } }));
  const { data } = await acme.events.next(({ type }) => type === "message_update");
  const again = await environment.db.withCompany(acme.companyId, ({ messageChanges }) =>
    messageChanges.retryMedia(String((data as { Id: string }).Id)),
  );
  expect(again).toBe("impossible");
});

test("stores and emits a location, contact cards and a poll, and deletes them with their message", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const content = {
    location: { latitude: -23.5614, longitude: -46.6559, name: "MASP\u0000", address: null },
    contacts: [{ name: "Ana \ud800", organisation: null, numbers: [{ text: "+55 11 9", whatsAppNumber: null }] }],
    poll: { question: "Pizza?", options: ["sim", "não"], mostChoices: 1 },
  };
  const job = messageJob(acme, { kind: "location", body: "MASP", content });
  await environment.add("message", job);
  await acme.events.next(({ type }) => type === "new_message");
  const [published] = acme.events.of("new_message");
  const kept = {
    location: { ...content.location, name: "MASP\ufffd" },
    contacts: [{ ...content.contacts[0], name: "Ana \ufffd" }],
    poll: content.poll,
  };
  expect(published?.data).toMatchObject({ Type: 7, Content: kept });
  expect((await find(environment, acme, published?.data.Id))?.content).toEqual(kept);
  const { companyId, sessionId, waKey, direction } = job;
  await environment.add("revoke", { companyId, sessionId, waKey, direction, timestampMs: Date.now() });
  const { data } = await acme.events.next(({ type }) => type === "message_update");
  expect(data).toMatchObject({ Content: null });
  expect(await find(environment, acme, published?.data.Id)).not.toHaveProperty("content");
});
