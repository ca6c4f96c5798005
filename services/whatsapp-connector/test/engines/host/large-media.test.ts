import { createHash } from "node:crypto";
import type { Jobs } from "@syszap/contracts";
import { createFilesystemStore } from "@syszap/media-store";
import { startStandIn } from "@syszap/whatsapp-web-stand-in";
import { expect } from "vitest";
import { watchGrowth } from "../../support/memory.ts";
import { hostsOf } from "../../support/processes.ts";
import { deadlineMs } from "../../support/recorded-events.ts";
import { type QueuedJob, type TestEnvironment, test } from "../../support/test-environment.ts";

const ana = "5511988887777";
const megabytes = 1e6;
const fileBytes = 200 * megabytes;
const maxGrowthMebibytes = 64;
/** Guards against hanging only: a busy machine needs minutes for 200 MB. */
const fileDeadlineMs = 600_000;
const timeout = fileDeadlineMs + 60_000;

const video = (body: string, generatedBytes: number) => ({
  from: ana,
  name: "Ana",
  body,
  media: { generatedBytes, mimeType: "video/mp4", fileName: `${body}.mp4` },
});

const isVideo =
  (body: string) =>
  ({ data }: QueuedJob) =>
    (data as { body?: string }).body === body;

/** Starts a connector process, whose engine process is linked to a phone of the stand-in. */
async function startLinked(environment: TestEnvironment, env: Record<string, string> = {}) {
  const standIn = await startStandIn();
  const phone = standIn.phone("5511999990000", "Padaria");
  const companyId = await environment.company();
  environment.takeJobs();
  const connector = await environment.process("a", { WHATSAPP_WEB_STAND_IN: standIn.address, ...env });
  const session = await environment.session(companyId, { engine: "wppconnect" });
  const nextEvent = (type: string, detail?: string) =>
    environment.events.next(
      ({ event }) => event.type === type && (event.data as { detail?: string }).detail === detail,
      deadlineMs,
    );
  await nextEvent("qr_code");
  const [code] = standIn.codes;
  standIn.scan(code ?? "", phone);
  await nextEvent("session_status", "connected");
  const [host = 0] = await hostsOf(connector.pid);
  return { standIn, phone, companyId, session, connector, host };
}

/** Returns the stored file from the message's job, or from the media job that follows if the download takes longer. */
async function storedFile(environment: TestEnvironment, caption: string) {
  const { data } = await environment.jobs.next(isVideo(caption), fileDeadlineMs);
  const message = data as Partial<Jobs["message"]>;
  if (message.media) return message.media;
  const late = await environment.jobs.next(
    ({ name, data: later }) => name === "media" && (later as Jobs["media"]).waKey === message.waKey,
    fileDeadlineMs,
  );
  return (late.data as Jobs["media"]).media;
}

test("emits a message without the file and with the reason, for a file of 200 MB above the limit", {
  timeout,
}, async ({ environment, onTestFinished }) => {
  const { standIn, phone } = await startLinked(environment, { MEDIA_MAX_BYTES: "100000000" });
  onTestFinished(() => standIn.close());
  phone.receive(video("grande", fileBytes));
  const { data } = await environment.jobs.next(isVideo("grande"), fileDeadlineMs);
  expect(data).toMatchObject({
    missingMedia: { state: "too_large", size: fileBytes, limit: 100_000_000, fileName: "grande.mp4" },
  });
});

test("stores a file of 200 MB without holding much of it in memory", {
  timeout,
}, async ({ environment, onTestFinished }) => {
  const { standIn, phone, connector, host } = await startLinked(environment);
  onTestFinished(() => standIn.close());
  // The first file loads and compiles code, which must not count.
  phone.receive(video("pequeno", 8 * megabytes));
  await storedFile(environment, "pequeno");

  const growthOf = { connector: await watchGrowth(connector.pid), host: await watchGrowth(host) };
  phone.receive(video("grande", fileBytes));
  const media = await storedFile(environment, "grande");
  const growth = { connector: await growthOf.connector(), host: await growthOf.host() };

  const sent = phone.account.messages.find(({ caption }) => caption === "grande")?.media;
  expect(media).toMatchObject({ size: fileBytes, sha256: sent?.path.split("/").at(-1) });
  const stored = await createFilesystemStore(`${environment.directory}/media`).open(media?.storageKey ?? "");
  const hash = createHash("sha256");
  for await (const piece of stored.stream) hash.update(piece as Buffer);
  expect(hash.digest("hex")).toBe(media?.sha256);
  expect(growth.connector).toBeLessThan(maxGrowthMebibytes);
  expect(growth.host).toBeLessThan(maxGrowthMebibytes);
});
