import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { MessageJob, MissingFile } from "@syszap/contracts";
import { expect } from "vitest";
import { MediaError, type Pieces } from "../../src/engines/contract/engine.ts";
import type { MediaRetryTimes } from "../../src/inbound/media/media-retries.ts";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const quick: Partial<MediaRetryTimes> = { lookEveryMs: 10, retryAfterMs: 10, maxRetryAfterMs: 20 };
const breaks = () => Promise.reject(new MediaError("cut", "transient"));
const arrives = async () => Buffer.alloc(1_000, 1);
const about: MissingFile = {
  ...{ state: "pending", reason: "in English", mimeType: "video/mp4", fileName: "festa.mp4", size: 1_000, limit: null },
};

/** Adds the row that the worker adds for a message without its file. It is due at once. */
async function rememberFile(
  environment: TestEnvironment,
  owner: { companyId: string; sessionId: string },
  waKey: string,
  handle: string | undefined = "h",
) {
  const key = { sessionId: owner.sessionId, direction: 0 as const, waKey };
  await environment.db.withCompany(owner.companyId, async ({ mediaDownloads }) => {
    await mediaDownloads.add(key, { ...about, handle });
    await mediaDownloads.restart(key);
  });
}

async function connected(
  environment: TestEnvironment,
  download: () => Pieces | Promise<Uint8Array>,
  times: Partial<MediaRetryTimes> = {},
  isRunning = true,
) {
  const engine = new ScriptedEngine();
  let asked = 0;
  engine.onDownload = () => {
    asked += 1;
    return download();
  };
  const companyId = await environment.company();
  environment.takeJobs();
  await environment.connector("a", { ...scripted(engine), times: { mediaRetries: { ...quick, ...times } } });
  const { id: sessionId } = await environment.session(companyId, { isRunning });
  if (isRunning) await environment.status(sessionId, "connected");
  return { owner: { companyId, sessionId }, asked: () => asked };
}
const attemptsOf = async (environment: TestEnvironment) => {
  const rows = await environment.sql("select attempts from media_downloads");
  return rows.map(({ attempts }) => attempts);
};

test("fetches a missing file later and enqueues it with the message's key", async ({ environment }) => {
  const { owner } = await connected(environment, arrives);
  await rememberFile(environment, owner, "KEY");
  const { data } = await environment.job("media");
  expect(data).toMatchObject({ ...owner, waKey: "KEY", direction: 0, attempt: 1, media: { size: 1_000 } });
  expect(data.media?.fileName).toBe("festa.mp4");
});

test("retries a broken download with growing intervals, then reports the file as unavailable", async ({
  environment,
}) => {
  const { owner, asked } = await connected(environment, breaks, { attempts: 3 });
  await rememberFile(environment, owner, "KEY");
  const { data } = await environment.job("media");
  expect(data).toMatchObject({
    waKey: "KEY",
    attempt: 3,
    missingMedia: { state: "unavailable", fileName: "festa.mp4" },
  });
  expect(data.media).toBeUndefined();
  expect(asked()).toBe(3);
});

test("reports a file as unavailable at once when WhatsApp no longer has it", async ({ environment }) => {
  const { owner, asked } = await connected(environment, () => Promise.reject(new MediaError("none", "gone")));
  await rememberFile(environment, owner, "KEY");
  expect((await environment.job("media")).data).toMatchObject({ attempt: 1, missingMedia: { state: "unavailable" } });
  expect(asked()).toBe(1);
});

test("doubles the interval with each attempt, by the clock of Postgres", async ({ environment }) => {
  const { owner } = await connected(environment, arrives, {}, false);
  await rememberFile(environment, owner, "KEY");
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const [claimed] = await environment.db.system.dueDownloads.claim({
      ...{ sessionIds: [owner.sessionId], busy: [], limit: 5, retryAfterMs: 60_000, maxRetryAfterMs: 200_000 },
    });
    expect(claimed).toMatchObject({ handle: "h", attempts: attempt });
    const [row] = await environment.sql(
      "select extract(epoch from next_attempt_at - now())::float as wait from media_downloads",
    );
    waits.push(Math.round(Number(row?.wait) / 10) * 10);
    await environment.sql("update media_downloads set next_attempt_at = now()");
  }
  expect(waits).toEqual([60, 120, 200, 200]);
});

test("claims no files of sessions that are not connected, and never the same file twice", async ({ environment }) => {
  // No worker removes the rows here, so the retry interval must exceed the test.
  const noRetry = { retryAfterMs: 60_000, maxRetryAfterMs: 60_000 };
  const { owner, asked } = await connected(environment, arrives, noRetry, false);
  await rememberFile(environment, owner, "KEY");
  const running = await environment.session(owner.companyId);
  await environment.status(running.id, "connected");
  await rememberFile(environment, { ...owner, sessionId: running.id }, "OTHER");
  expect((await environment.job("media")).data.waKey).toBe("OTHER");
  expect(asked()).toBe(1);
  const claim = () =>
    environment.db.system.dueDownloads.claim({
      ...{ sessionIds: [owner.sessionId], busy: [], limit: 5, ...noRetry },
    });
  const claims = await Promise.all([claim(), claim(), claim()]);
  expect(claims.flat().map(({ waKey }) => waKey)).toEqual(["KEY"]);
});

test("does not claim a file that is being downloaded", async ({ environment }) => {
  const { owner } = await connected(environment, arrives, {}, false);
  await rememberFile(environment, owner, "KEY");
  const claimed = await environment.db.system.dueDownloads.claim({
    ...{ sessionIds: [owner.sessionId], busy: ["KEY"], limit: 5, retryAfterMs: 1, maxRetryAfterMs: 1 },
  });
  expect(claimed).toEqual([]);
  expect(await attemptsOf(environment)).toEqual([0]);
});

test("downloads a file again after the connector was killed during its download", {
  timeout: 300_000,
}, async ({ environment }) => {
  const companyId = await environment.company();
  environment.takeJobs();
  const first = await environment.process("a");
  const { id: sessionId } = await environment.session(companyId);
  await environment.status(sessionId, "connected");
  await rememberFile(environment, { companyId, sessionId }, "KEY");
  // The claim is stored before the first byte, so the row holds the next attempt even if the process dies.
  await expect.poll(() => attemptsOf(environment), { timeout: 60_000 }).toEqual([1]);
  await first.kill();
  await environment.sql("update media_downloads set next_attempt_at = now()");
  await environment.process("a");
  const { data } = await environment.job("media", (job) => job.attempt >= 2);
  expect(data).toMatchObject({ waKey: "KEY", sessionId, media: { mimeType: "image/png" } });
  const files = await readdir(join(environment.directory, "media"), { recursive: true });
  expect(files.filter((name) => name.endsWith(data.media?.sha256 ?? "none"))).toHaveLength(1);
});

test("forwards a message whose file fails, and the file when the phone can deliver it", async ({ environment }) => {
  const companyId = await environment.company();
  environment.takeJobs();
  const connector = await environment.connector("a", {
    times: { media: { retry: { firstMs: 1, maxMs: 2 } }, mediaRetries: quick },
  });
  const { id: sessionId } = await environment.session(companyId);
  await environment.status(sessionId, "connected");
  await connector.phone(sessionId, "lose-files", { count: 4 });
  await connector.phone(sessionId, "message", { from: "5511988887777", body: "olha", file: { kind: "voice" } });
  const { data } = await environment.job("message");
  expect(data satisfies MessageJob).toMatchObject({ kind: "voice", missingMedia: { state: "pending" } });
  await rememberFile(environment, { companyId, sessionId }, data.waKey, data.mediaHandle);
  expect((await environment.job("media")).data).toMatchObject({ waKey: data.waKey, media: { mimeType: "audio/wav" } });
});
