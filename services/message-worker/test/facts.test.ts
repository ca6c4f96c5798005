import type { DataOf } from "@syszap/contracts";
import { expect } from "vitest";
import { messageJob, test } from "./fixtures.ts";

test("receipts move the status forward only, in any order of arrival", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = messageJob(acme, { direction: 1, status: "sent" });
  const { waKey, companyId, sessionId, direction } = job;
  await environment.add("message", job);
  for (const status of ["read", "delivered", "played"] as const) {
    await environment.add("ack", { companyId, sessionId, waKey, direction, status, timestampMs: job.timestampMs + 1 });
  }
  await acme.events.next(
    ({ type, data }) => type === "message_status" && (data as { Status: string }).Status === "played",
  );
  expect(acme.events.of("message_status").map(({ data }) => data.Status)).toEqual(["read", "played"]);
});

test("applies an edit and a deletion to the message and to the last message of its chat", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const job = messageJob(acme, { body: "teh text" });
  const key = { companyId: acme.companyId, sessionId: acme.sessionId, waKey: job.waKey, direction: job.direction };
  await environment.add("message", job);
  await environment.add("edit", { ...key, editKey: "E1", body: "the text", timestampMs: job.timestampMs + 1 });
  await environment.add("revoke", { ...key, timestampMs: job.timestampMs + 2 });
  await acme.events.next(({ type, version }) => type === "chat_update" && version === 4);
  expect(acme.events.of("message_update").map(({ data }) => [data.Change, data.Body])).toEqual([
    ["edited", "the text"],
    ["revoked", ""],
  ]);
  expect(acme.events.of("chat_update").map(({ data }) => data.Last_Message?.Body)).toEqual([
    "teh text",
    "the text",
    "",
  ]);
});

test("emits a new client with the picture that was stored before its first message, and later changes as updates", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker({ CONCURRENCY: "1" });
  const { companyId, sessionId } = acme;
  const number = "5511988887777";
  const picture = (name: string) => ({
    storageKey: name,
    mimeType: "image/jpeg",
    fileName: null,
    size: 1,
    sha256: "0".repeat(64),
  });
  await environment.add("contact", { companyId, sessionId, number, picture: picture("one"), timestampMs: 1 });
  await environment.add("message", messageJob(acme));
  await environment.add("contact", {
    companyId,
    sessionId,
    number,
    name: "João Silva",
    picture: null,
    timestampMs: Date.now(),
  });
  await acme.events.next(
    ({ type, data }) => type === "client_update" && (data as { Name: string }).Name === "João Silva",
  );
  expect(acme.events.received[0]).toMatchObject({
    type: "new_client",
    data: { Profile_Pic_URL: expect.stringMatching("^/v1/media/") },
  });
  const updates: DataOf<"client_update">[] = acme.events.of("client_update").map(({ data }) => data);
  expect(updates.at(-1)).toMatchObject({ Name: "João Silva", Profile_Pic_URL: null });
});
