import { expect } from "vitest";
import { type EngineFact, MediaError, type Pieces, SendError } from "../../src/engines/contract/engine.ts";
import type { MediaDownloadTimes } from "../../src/inbound/media/media-downloader.ts";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const quick: Partial<MediaDownloadTimes> = { retry: { firstMs: 5, maxMs: 10 } };
const file = (sizeBytes?: number) => ({
  handle: "h",
  mimeType: "video/mp4",
  fileName: "festa.mp4",
  ...(sizeBytes !== undefined && { sizeBytes }),
});

const aVideo = {
  kind: "message",
  waKey: "KEY",
  waChatId: "5511912345678@c.us",
  direction: 0,
  type: "video",
  body: "olha",
  client: { number: "5511912345678", name: "Bia" },
  timestampMs: 1_700_000_000_000,
  isHistory: false,
} as const satisfies EngineFact;

/** A connected session. Each download calls the next function of `downloads`; the last one is used repeatedly. */
async function connected(
  environment: TestEnvironment,
  downloads: (() => Pieces | Promise<Uint8Array>)[],
  times: Partial<MediaDownloadTimes> = {},
) {
  const engine = new ScriptedEngine();
  let asked = 0;
  engine.onDownload = () => {
    asked += 1;
    const download = downloads[Math.min(asked, downloads.length) - 1];
    if (!download) throw new Error("no download was expected");
    return download();
  };
  const companyId = await environment.company();
  environment.takeJobs();
  await environment.connector("a", {
    ...scripted(engine),
    env: { MEDIA_MAX_BYTES: "1000" },
    times: { media: { ...quick, ...times } },
  });
  const { id: sessionId } = await environment.session(companyId);
  await environment.status(sessionId, "connected");
  const receive = async (media: ReturnType<typeof file>) => {
    engine.emit().fact({ ...aVideo, media });
    return (await environment.job("message")).data;
  };
  return { receive, asked: () => asked };
}
const breaks = () => Promise.reject(new MediaError("cut", "transient"));
const arrives = async () => Buffer.alloc(1_000, 1);

test("does not download a file above the limit, and reports both sizes", async ({ environment }) => {
  const { receive, asked } = await connected(environment, []);
  const { media, missingMedia } = await receive(file(1_001));
  expect(media).toBeUndefined();
  expect(missingMedia).toMatchObject({
    ...{ state: "too_large", size: 1_001, limit: 1_000, mimeType: "video/mp4", fileName: "festa.mp4" },
    reason: expect.stringContaining("Open it on the phone"),
  });
  expect(asked()).toBe(0);
});

test("stops a download at the limit when the file is larger than declared, and does not retry it", async ({
  environment,
}) => {
  let read = 0;
  async function* endless(): Pieces {
    for (;;) {
      read += 1;
      yield Buffer.alloc(100);
    }
  }
  const { receive, asked } = await connected(environment, [endless]);
  expect((await receive(file(10))).missingMedia).toMatchObject({ state: "too_large", limit: 1_000 });
  expect(asked()).toBe(1);
  expect(read).toBeLessThan(100);
});

test("retries a download that breaks, and forwards the message with the file", async ({ environment }) => {
  const { receive, asked } = await connected(environment, [breaks, breaks, arrives]);
  const { media, missingMedia } = await receive(file());
  expect(media).toMatchObject({ size: 1_000, fileName: "festa.mp4" });
  expect(missingMedia).toBeUndefined();
  expect(asked()).toBe(3);
});

test("forwards the message with a pending file when every attempt breaks", async ({ environment }) => {
  const { receive, asked } = await connected(environment, [breaks]);
  const { missingMedia, mediaHandle } = await receive(file(7));
  expect(missingMedia).toMatchObject({ state: "pending", size: 7, limit: null });
  expect(mediaHandle).toBe("h");
  expect(asked()).toBe(3);
});

test("forwards a slow file after its message", async ({ environment }) => {
  let arrive: (bytes: Uint8Array) => void = () => undefined;
  const slow = () => new Promise<Uint8Array>((resolve) => (arrive = resolve));
  const { receive, asked } = await connected(environment, [slow], { messageWaitMs: 20 });
  const { missingMedia, waKey } = await receive(file());
  expect(missingMedia).toMatchObject({ state: "pending" });
  await expect.poll(asked).toBe(1);
  arrive(Buffer.alloc(1_000, 1));
  expect((await environment.job("media")).data).toMatchObject({
    waKey,
    direction: 0,
    media: { size: 1_000 },
    attempt: 0,
  });
  expect(asked()).toBe(1);
});

test("does not retry a file that WhatsApp no longer has", async ({ environment }) => {
  const { receive, asked } = await connected(environment, [() => Promise.reject(new MediaError("no file", "gone"))]);
  expect(await receive(file())).toMatchObject({ missingMedia: { state: "unavailable" }, mediaHandle: "h" });
  expect(asked()).toBe(1);
});

test("forwards messages without waiting for files while the phone is not connected", async ({ environment }) => {
  const isAway = () => Promise.reject(new SendError("the session is not connected", "transient"));
  const { receive } = await connected(environment, [isAway]);
  expect((await receive(file())).missingMedia).toMatchObject({ state: "pending" });
});

test("fails and retries a download when the engine delivers nothing", async ({ environment }) => {
  const hangs = () => new Promise<Uint8Array>(() => undefined);
  const { receive } = await connected(environment, [hangs, arrives], { silenceMs: 50 });
  expect((await receive(file())).media).toMatchObject({ size: 1_000 });
});

test("continues a slow download while the engine reports activity", async ({ environment }) => {
  async function* slow(): Pieces {
    for (let sign = 0; sign < 20; sign += 1) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      yield new Uint8Array();
    }
    yield Buffer.from("fim");
  }
  const { receive, asked } = await connected(environment, [slow], { silenceMs: 2_500 });
  expect((await receive(file())).media).toMatchObject({ size: 3 });
  expect(asked()).toBe(1);
});
