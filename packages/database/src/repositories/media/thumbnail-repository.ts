import type { Scope } from "../../sql/query.ts";

/** Location of a file's thumbnail. A null key means that no thumbnail can be made of the file. */
export type Thumbnail = { storageKey: string; size: number; sha256: string } | { storageKey: null };

/** Metadata of thumbnails. */
export class ThumbnailRepository {
  constructor(private readonly scope: Scope) {}

  /** Undefined until a thumbnail was requested for the first time. */
  async find(mediaId: string): Promise<Thumbnail | undefined> {
    const row = await this.scope.row<{ storage_key: string; size: number; sha256: string } | { storage_key: null }>(
      "select storage_key, size, sha256 from media_thumbnails where company_id = :companyId and media_id = :mediaId",
      { mediaId },
    );
    if (!row) return undefined;
    if (row.storage_key === null) return { storageKey: null };
    return { storageKey: row.storage_key, size: row.size, sha256: row.sha256 };
  }

  /** Keeps the first thumbnail when several are added. */
  async add(mediaId: string, thumbnail: Thumbnail): Promise<void> {
    const { storageKey, size, sha256 } = { size: null, sha256: null, ...thumbnail };
    await this.scope.row(
      `insert into media_thumbnails (company_id, media_id, storage_key, size, sha256)
       values (:companyId, :mediaId, :storageKey, :size, :sha256) on conflict do nothing`,
      { mediaId, storageKey, size, sha256 },
    );
  }
}
