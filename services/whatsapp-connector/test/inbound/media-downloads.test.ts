import { createMetrics } from "@syszap/platform";
import { expect, test } from "vitest";
import type { Engine, EngineMedia } from "../../src/engines/contract/engine.ts";
import { mediaDownloadTimes } from "../../src/inbound/media/media-downloader.ts";
import { MediaDownloads } from "../../src/inbound/media/media-downloads.ts";
import { createConnectorMetrics } from "../../src/metrics.ts";
import { silentLog } from "../support/silent-log.ts";

const media: EngineMedia = { handle: "h", mimeType: "image/png", fileName: null };
const ownerOf = (sessionId: string) => ({ companyId: "company", sessionId, waKey: `key of ${sessionId}` });

/** An engine whose downloads end when the test says so. */
function heldEngine() {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* downloadMedia() {
    await held;
    yield Buffer.from("file");
  }
  return { engine: { downloadMedia } as unknown as Engine, release };
}

/** The media store is not under test: it reads the bytes and forgets them. */
const discard = {
  put: async (bytes: AsyncIterable<Uint8Array>) => {
    for await (const _ of bytes);
    return { size: 4 };
  },
};

function openDownloads(messageWaitMs: number): MediaDownloads {
  const options = {
    mediaStore: discard as never,
    mediaLimitBytes: 1_000,
    mediaTimes: { ...mediaDownloadTimes, messageWaitMs },
    metrics: createConnectorMetrics(createMetrics("test")),
    log: silentLog,
  };
  return new MediaDownloads(options, new AbortController().signal);
}

test("keeps nothing of a session that was detached", async () => {
  const downloads = openDownloads(4_000);
  const { engine, release } = heldEngine();
  release();
  for (let session = 0; session < 50; session += 1) {
    const detach = downloads.attach(`session ${session}`, () => engine);
    const download = await downloads.download(ownerOf(`session ${session}`), media);
    await download.later;
    detach();
  }
  await expect.poll(() => downloads.sessions).toBe(0);
  expect(downloads.busy).toEqual([]);
});

test("keeps nothing of a session that never ran here, such as one whose facts were left in the spool", async () => {
  const downloads = openDownloads(4_000);
  await downloads.fetch(ownerOf("elsewhere"), media);
  expect(downloads.sessions).toBe(0);
});

test("keeps the limit of a detached session until its last download has ended", async () => {
  const downloads = openDownloads(1);
  const { engine, release } = heldEngine();
  const detach = downloads.attach("a", () => engine);
  const { now, later } = await downloads.download(ownerOf("a"), media);
  expect(now).toMatchObject({ missingMedia: { state: "pending" } });
  detach();
  expect(downloads.sessions).toBe(1);
  expect(downloads.busy).toEqual(["key of a"]);
  release();
  expect(await later).toMatchObject({ media: { size: 4 } });
  await expect.poll(() => downloads.sessions).toBe(0);
  expect(downloads.busy).toEqual([]);
});
