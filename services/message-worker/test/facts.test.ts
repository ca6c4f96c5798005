import type { DataOf } from "@syszap/contracts";
import { expect } from "vitest";
import { messageJob, test } from "./fixtures.ts";

test("receipts move the ticks forward, whatever order they come in", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = messageJob(acme, { direction: 1, status: "sent" });
  const { waKey, companyId, sessionId, direction } = job;
  await world.add("message", job);
  for (const status of ["read", "delivered", "played"] as const) {
    await world.add("ack", { companyId, sessionId, waKey, direction, status, timestampMs: job.timestampMs + 1 });
  }
  await acme.listener.next(
    ({ type, data }) => type === "message_status" && (data as { Status: string }).Status === "played",
  );
  expect(acme.listener.of("message_status").map(({ data }) => data.Status)).toEqual(["read", "played"]);
});

test("an edit and a deletion show in the message and in the list of chats", async ({ world }) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const job = messageJob(acme, { body: "teh text" });
  const key = { companyId: acme.companyId, sessionId: acme.sessionId, waKey: job.waKey, direction: job.direction };
  await world.add("message", job);
  await world.add("edit", { ...key, editKey: "E1", body: "the text", timestampMs: job.timestampMs + 1 });
  await world.add("revoke", { ...key, timestampMs: job.timestampMs + 2 });
  await acme.listener.next(({ type, version }) => type === "chat_update" && version === 4);
  expect(acme.listener.of("message_update").map(({ data }) => [data.Change, data.Body])).toEqual([
    ["edited", "the text"],
    ["revoked", ""],
  ]);
  expect(acme.listener.of("chat_update").map(({ data }) => data.Last_Message?.Body)).toEqual([
    "teh text",
    "the text",
    "",
  ]);
});

test("a picture known before the first message comes with the new client; later changes update it", async ({
  world,
}) => {
  const acme = await world.openCompany();
  await world.startWorker({ CONCURRENCY: "1" });
  const { companyId, sessionId } = acme;
  const number = "5511988887777";
  const picture = (name: string) => ({
    storageKey: name,
    mimeType: "image/jpeg",
    fileName: null,
    size: 1,
    sha256: "0".repeat(64),
  });
  await world.add("contact", { companyId, sessionId, number, picture: picture("one"), timestampMs: 1 });
  await world.add("message", messageJob(acme));
  await world.add("contact", {
    companyId,
    sessionId,
    number,
    name: "João Silva",
    picture: null,
    timestampMs: Date.now(),
  });
  await acme.listener.next(
    ({ type, data }) => type === "client_update" && (data as { Name: string }).Name === "João Silva",
  );
  expect(acme.listener.heard[0]).toMatchObject({
    type: "new_client",
    data: { Profile_Pic_URL: expect.stringMatching("^/v1/media/") },
  });
  const updates: DataOf<"client_update">[] = acme.listener.of("client_update").map(({ data }) => data);
  expect(updates.at(-1)).toMatchObject({ Name: "João Silva", Profile_Pic_URL: null });
});
