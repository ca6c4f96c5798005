import { buffer } from "node:stream/consumers";
import type { Database, StoredMedia, Thumbnail } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import pLimit from "p-limit";
import { ProblemError } from "../problem.ts";
import { drawableTypes, drawThumbnail } from "./draw-thumbnail.ts";

/** Larger images get no thumbnail. WhatsApp itself scales images down below this size, except when sent as documents. */
const maxImageBytes = 24 * 1024 * 1024;
/** Each thumbnail needs memory for the decoded image, and a thread of the pool that files and passwords share. */
const maxConcurrent = 2;
const maxQueued = 100;

/** Creates thumbnails of images on first request and stores them beside the image. */
export class Thumbnails {
  /** Thumbnails being created, by company and file. Bounded by `maxConcurrent` and `maxQueued`. */
  private readonly inProgress = new Map<string, Promise<Thumbnail>>();
  private readonly limit = pLimit(maxConcurrent);

  constructor(
    private readonly database: Database,
    private readonly store: MediaStore,
    private readonly log: Logger,
  ) {}

  /** Returns a storage key of null when no thumbnail can be made of the file. */
  async of(companyId: string, file: StoredMedia): Promise<Thumbnail> {
    if (!drawableTypes.has(file.mimeType) || file.size > maxImageBytes) return { storageKey: null };
    const known = await this.database.withCompany(companyId, ({ thumbnails }) => thumbnails.find(file.id));
    if (known) return known;
    const key = `${companyId} ${file.id}`;
    const existing = this.inProgress.get(key);
    if (existing) return existing;
    if (this.limit.pendingCount >= maxQueued) throw tooBusy();
    const creation = this.limit(() => this.create(companyId, file)).finally(() => this.inProgress.delete(key));
    this.inProgress.set(key, creation);
    return creation;
  }

  private async create(companyId: string, file: StoredMedia): Promise<Thumbnail> {
    const thumbnail = await this.draw(companyId, file);
    await this.database.withCompany(companyId, ({ thumbnails }) => thumbnails.add(file.id, thumbnail));
    return thumbnail;
  }

  private async draw(companyId: string, file: StoredMedia): Promise<Thumbnail> {
    const { stream } = await this.store.open(file.storageKey);
    const image = await buffer(stream);
    let drawn: Buffer;
    try {
      drawn = await drawThumbnail(image);
    } catch (err) {
      this.log.info({ err, mediaId: file.id }, "could not create a thumbnail of a file");
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
  new ProblemError("unavailable", "Too many thumbnails are being created. Try again in a few seconds.", {
    headers: { "Retry-After": "2" },
  });
