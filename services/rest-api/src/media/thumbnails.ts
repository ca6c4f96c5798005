import { buffer } from "node:stream/consumers";
import type { Database, StoredMedia, Thumbnail } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { ProblemError } from "../problem.ts";
import { drawableTypes, drawThumbnail } from "./draw-thumbnail.ts";

/** WhatsApp itself makes images smaller than this; only as a document may one be larger. */
const mostBytes = 24 * 1024 * 1024;
/** Each holds a picture unpacked, and a thread of those that files and passwords need too. */
const atOnce = 2;
const mostWaiting = 100;

/**
 * Small pictures of images, made when somebody first looks and kept beside the image: so no message waits for one, and of what
 * nobody scrolls to none is made.
 */
export class Thumbnails {
  private readonly underWay = new Map<string, Promise<Thumbnail>>();
  private readonly waiting: (() => void)[] = [];
  private free = atOnce;

  constructor(
    private readonly database: Database,
    private readonly store: MediaStore,
    private readonly log: Logger,
  ) {}

  /** Without a key when the file can't be drawn. */
  async of(companyId: string, file: StoredMedia): Promise<Thumbnail> {
    if (!drawableTypes.has(file.mimeType) || file.size > mostBytes) return { storageKey: null };
    const known = await this.database.withCompany(companyId, ({ thumbnails }) => thumbnails.find(file.id));
    if (known) return known;
    const work = `${companyId} ${file.id}`;
    const making = this.underWay.get(work) ?? this.make(companyId, file).finally(() => this.underWay.delete(work));
    this.underWay.set(work, making);
    return making;
  }

  private async make(companyId: string, file: StoredMedia): Promise<Thumbnail> {
    if (this.waiting.length >= mostWaiting) throw tooBusy();
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      const thumbnail = await this.draw(companyId, file);
      await this.database.withCompany(companyId, ({ thumbnails }) => thumbnails.add(file.id, thumbnail));
      return thumbnail;
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }

  private async draw(companyId: string, file: StoredMedia): Promise<Thumbnail> {
    const { stream } = await this.store.open(file.storageKey);
    const image = await buffer(stream);
    let drawn: Buffer;
    try {
      drawn = await drawThumbnail(image);
    } catch (err) {
      this.log.info({ err, mediaId: file.id }, "no thumbnail can be made of a file");
      return { storageKey: null };
    }
    const { storageKey, size, sha256 } = await this.store.put(drawn, {
      companyId,
      mimeType: "image/webp",
      fileName: null,
    });
    return { storageKey, size, sha256 };
  }
}

const tooBusy = () =>
  new ProblemError("unavailable", "Too many pictures are being made. Try again in a few seconds.", {
    headers: { "Retry-After": "2" },
  });
