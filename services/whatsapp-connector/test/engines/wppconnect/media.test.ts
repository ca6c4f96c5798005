import { createHash } from "node:crypto";
import type { Phone } from "@syszap/whatsapp-web-stand-in";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine, EngineMedia } from "../../../src/engines/contract/engine.ts";
import { bytesOf } from "../../support/bytes.ts";
import { EngineFixture } from "../../support/wppconnect/wppconnect.ts";

const ana = "5511988887777";
const mebibyte = 1024 * 1024;
const limit = 64 * mebibyte;

describe("a download through WhatsApp's page", { timeout: 300_000 }, () => {
  let fixture: EngineFixture;
  let phone: Phone;
  let engine: Engine;

  beforeAll(async () => {
    fixture = await EngineFixture.open();
    phone = fixture.standIn.phone("5511999992222", "Loja");
    engine = await fixture.start({ mediaStallMs: 1_000 });
    fixture.standIn.scan((await fixture.events.code()).raw, phone);
    await fixture.events.state("connected");
  }, 300_000);
  afterAll(() => fixture.close());

  /** Receives a message with a file. Captions must be unique. */
  async function receiveFile(body: string, size = 3 * mebibyte + 5): Promise<EngineMedia> {
    phone.receive({ from: ana, body, media: { generatedBytes: size, mimeType: "video/mp4", fileName: `${body}.mp4` } });
    const { media } = await fixture.events.message(body);
    if (!media) throw new Error("the message has no file");
    return media;
  }
  const wholeSize = 3 * mebibyte + 5;
  const download = (media: EngineMedia) => bytesOf(engine.downloadMedia(media, limit));

  test("returns the whole file in small pieces", async () => {
    const media = await receiveFile("inteiro", 20 * mebibyte + 1);
    expect(media).toMatchObject({ sizeBytes: 20 * mebibyte + 1, fileName: "inteiro.mp4" });
    const hash = createHash("sha256");
    let largest = 0;
    for await (const piece of engine.downloadMedia(media, limit)) {
      hash.update(piece);
      largest = Math.max(largest, piece.byteLength);
    }
    expect(hash.digest("hex")).toBe(hashOf(phone, "inteiro"));
    expect(largest).toBeLessThanOrEqual(mebibyte);
  });

  test("returns an empty file", async () => {
    expect(await download(await receiveFile("vazio", 0))).toHaveLength(0);
  });

  test("is refused if the file exceeds the limit", async () => {
    const media = await receiveFile("grande", 21 * mebibyte);
    phone.account.files.failNextDownloads("cut"); // applies to the next download, which is not this one
    const refused = bytesOf(engine.downloadMedia(media, 21 * mebibyte - 1));
    await expect(refused).rejects.toMatchObject({ name: "MediaError", kind: "too_large" });
    await expect(download(media)).rejects.toMatchObject({ kind: "transient" });
  });

  test("fails if the transfer breaks, and returns the whole file the next time", async () => {
    const media = await receiveFile("cortado");
    phone.account.files.failNextDownloads("cut");
    await expect(download(media)).rejects.toMatchObject({ name: "MediaError", kind: "transient" });
    expect(await download(media)).toHaveLength(wholeSize);
  });

  test("fails if a byte differs from what was sent, and downloads the file again the next time", async () => {
    const media = await receiveFile("alterado", 2 * mebibyte);
    phone.account.files.failNextDownloads("altered");
    await expect(download(media)).rejects.toThrow("declared hash");
    expect(
      createHash("sha256")
        .update(await download(media))
        .digest("hex"),
    ).toBe(hashOf(phone, "alterado"));
  });

  test("fails if the transfer stalls, and returns the whole file the next time", async () => {
    const media = await receiveFile("parado", mebibyte);
    phone.account.files.failNextDownloads("silent");
    await expect(download(media)).rejects.toThrow("stalled");
    expect(await download(media)).toHaveLength(mebibyte);
  });

  test("fails with gone for a message that WhatsApp does not have", async () => {
    const media = { handle: `false_${ana}@c.us_3EB0000000000000000000`, mimeType: "image/png", fileName: null };
    await expect(download(media)).rejects.toMatchObject({ name: "MediaError", kind: "gone" });
  });

  test("fails if the page reloads, and returns the whole file after the reconnect", async () => {
    const media = await receiveFile("recarga", 20 * mebibyte);
    const pieces = engine.downloadMedia(media, limit)[Symbol.asyncIterator]();
    let first = await pieces.next();
    while (first.done !== true && first.value.byteLength === 0) first = await pieces.next();
    const synced = phone.next("synced");
    phone.reloadPages();
    await synced;
    const rest = async () => {
      while ((await pieces.next()).done !== true);
    };
    await expect(rest()).rejects.toThrow();
    await expect.poll(() => download(media).catch(() => undefined), { timeout: 60_000 }).toHaveLength(20 * mebibyte);
  });
});

const hashOf = (phone: Phone, caption: string) =>
  phone.account.messages
    .find((message) => message.caption === caption)
    ?.media?.path.split("/")
    .at(-1);
