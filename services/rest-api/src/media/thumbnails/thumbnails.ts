import { buffer } from "node:stream/consumers";
import type { Database, StoredMedia, Thumbnail } from "@syszap/database";
import type { MediaStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import { ProblemError } from "../../problem.ts";
import { type DrawingPool, drawingProcesses } from "./drawing-pool.ts";
import { NotDrawnError, UndrawableError } from "./drawing-worker.ts";
import { FairQueue, type FairQueueLimits, QueueFullError } from "./fair-queue.ts";
import { drawableTypes, maxImageBytes } from "./limits.ts";

const limits: FairQueueLimits = {
  concurrency: drawingProcesses,
  // A company with slow images leaves the other processes to the other companies.
  concurrencyPerKey: drawingProcesses - 1,
  maxWaiting: 500,
  maxWaitingPerKey: 100,
};

export interface ThumbnailDependencies {
  database: Database;
  store: MediaStore;
  drawing: Pick<DrawingPool, "draw">;
  log: Logger;
}

/** Creates thumbnails of images on first request and stores them beside the image. */
export class Thumbnails {
  /** Thumbnails being created, by company and file. Bounded by the limits of the queue. */
  private readonly inProgress = new Map<string, Promise<Thumbnail>>();
  private readonly queue = new FairQueue(limits);

  constructor(private readonly dependencies: ThumbnailDependencies) {}

  /** Returns a storage key of null when no thumbnail can be made of the file. */
  async of(companyId: string, file: StoredMedia): Promise<Thumbnail> {
    if (!drawableTypes.has(file.mimeType) || file.size > maxImageBytes) return { storageKey: null };
    const known = await this.dependencies.database.withCompany(companyId, ({ thumbnails }) => thumbnails.find(file.id));
    if (known) return known;
    const key = `${companyId} ${file.id}`;
    const existing = this.inProgress.get(key);
    if (existing) return await existing;
    const creation = this.queue
      .run(companyId, () => this.create(companyId, file))
      .finally(() => this.inProgress.delete(key));
    this.inProgress.set(key, creation);
    return await creation.catch((err: unknown) => {
      throw err instanceof QueueFullError || err instanceof NotDrawnError ? tooBusy() : err;
    });
  }

  private async create(companyId: string, file: StoredMedia): Promise<Thumbnail> {
    const thumbnail = await this.draw(companyId, file);
    await this.dependencies.database.withCompany(companyId, ({ thumbnails }) => thumbnails.add(file.id, thumbnail));
    return thumbnail;
  }

  private async draw(companyId: string, file: StoredMedia): Promise<Thumbnail> {
    const { stream } = await this.dependencies.store.open(file.storageKey);
    const image = await buffer(stream);
    let drawn: Uint8Array;
    try {
      drawn = await this.dependencies.drawing.draw(image);
    } catch (err) {
      if (!(err instanceof UndrawableError)) throw err;
      this.dependencies.log.info({ err, mediaId: file.id }, "could not create a thumbnail of a file");
      return { storageKey: null };
    }
    const { storageKey, size, sha256 } = await this.dependencies.store.put(drawn, {
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
