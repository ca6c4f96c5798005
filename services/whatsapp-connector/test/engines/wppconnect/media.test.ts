import { createHash } from "node:crypto";
import type { Phone } from "@syszap/whatsapp-web-stand-in";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine, EngineMedia } from "../../../src/engines/contract/engine.ts";
import { bytesOf } from "../../support/bytes.ts";
import { Bench } from "../../support/wppconnect/wppconnect.ts";

const ana = "5511988887777";
const mebibyte = 1024 * 1024;
const limit = 64 * mebibyte;

describe("files through WhatsApp's page", { timeout: 120_000 }, () => {
  let bench: Bench;
  let phone: Phone;
  let engine: Engine;

  beforeAll(async () => {
    bench = await Bench.open();
    phone = bench.standIn.phone("5511999992222", "Loja");
    engine = await bench.start({ mediaStallMs: 1_000 });
    bench.standIn.scan((await bench.heard.code()).raw, phone);
    await bench.heard.state("connected");
  }, 120_000);
  afterAll(() => bench.close());

  /** A message with a file; each caption only once. */
  async function told(body: string, size = 3 * mebibyte + 5): Promise<EngineMedia> {
    phone.receive({ from: ana, body, media: { generatedBytes: size, mimeType: "video/mp4", fileName: `${body}.mp4` } });
    const { media } = await bench.heard.message(body);
    if (!media) throw new Error("no file came");
    return media;
  }
  const wholeSize = 3 * mebibyte + 5;
  const download = (media: EngineMedia) => bytesOf(engine.downloadMedia(media, limit));

  test("come whole, in small pieces that are read when they are asked for", async () => {
    const media = await told("inteiro", 20 * mebibyte + 1);
    expect(media).toMatchObject({ sizeBytes: 20 * mebibyte + 1, fileName: "inteiro.mp4" });
    const hash = createHash("sha256");
    let largest = 0;
    for await (const piece of engine.downloadMedia(media, limit)) {
      hash.update(piece);
      largest = Math.max(largest, piece.byteLength);
    }
    expect(hash.digest("hex")).toBe(hashIn(phone, "inteiro"));
    expect(largest).toBeLessThanOrEqual(mebibyte);
  });

  test("of nothing at all come too", async () => {
    expect(await download(await told("vazio", 0))).toHaveLength(0);
  });

  test("over the limit are not fetched", async () => {
    const media = await told("grande", 21 * mebibyte);
    phone.account.files.failNextDownloads("cut"); // stays for the next download, if there was none
    const refused = bytesOf(engine.downloadMedia(media, 21 * mebibyte - 1));
    await expect(refused).rejects.toMatchObject({ name: "MediaError", kind: "too_large" });
    await expect(download(media)).rejects.toMatchObject({ kind: "transient" });
  });

  test("that break half-way are whole the next time", async () => {
    const media = await told("cortado");
    phone.account.files.failNextDownloads("cut");
    await expect(download(media)).rejects.toMatchObject({ name: "MediaError", kind: "transient" });
    expect(await download(media)).toHaveLength(wholeSize);
  });

  test("with one byte that is not what was sent are refused, and fetched afresh", async () => {
    const media = await told("alterado", 2 * mebibyte);
    phone.account.files.failNextDownloads("altered");
    await expect(download(media)).rejects.toThrow("not the one that was sent");
    expect(
      createHash("sha256")
        .update(await download(media))
        .digest("hex"),
    ).toBe(hashIn(phone, "alterado"));
  });

  test("that stand still are given up, and whole the next time", async () => {
    const media = await told("parado", mebibyte);
    phone.account.files.failNextDownloads("silent");
    await expect(download(media)).rejects.toThrow("stood still");
    expect(await download(media)).toHaveLength(mebibyte);
  });

  test("of a message that WhatsApp does not know are gone for good", async () => {
    const media = { handle: `false_${ana}@c.us_3EB0000000000000000000`, mimeType: "image/png", fileName: null };
    await expect(download(media)).rejects.toMatchObject({ name: "MediaError", kind: "gone" });
  });

  test("break when the page is loaded again meanwhile, and are whole once it is connected again", async () => {
    const media = await told("recarga", 20 * mebibyte);
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

const hashIn = (phone: Phone, caption: string) =>
  phone.account.messages
    .find((message) => message.caption === caption)
    ?.media?.path.split("/")
    .at(-1);
