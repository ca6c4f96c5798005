import { queryRow, type Scope } from "../../sql/query.ts";

/** Where the small picture of a file is; without a key, the file can't be drawn. */
export type Thumbnail = { storageKey: string; size: number; sha256: string } | { storageKey: null };

/** What is known of the small pictures of files. */
export class ThumbnailRepository {
  constructor(private readonly scope: Scope) {}

  /** Undefined while nobody has tried. */
  async find(mediaId: string): Promise<Thumbnail | undefined> {
    const row = await queryRow<{ storage_key: string; size: number; sha256: string } | { storage_key: null }>(
      this.scope.db,
      "select storage_key, size, sha256 from media_thumbnails where company_id = :companyId and media_id = :mediaId",
      { companyId: this.scope.companyId, mediaId },
    );
    if (!row) return undefined;
    if (row.storage_key === null) return { storageKey: null };
    return { storageKey: row.storage_key, size: row.size, sha256: row.sha256 };
  }

  /** The first to be made stays. */
  async add(mediaId: string, thumbnail: Thumbnail): Promise<void> {
    const { storageKey, size, sha256 } = { size: null, sha256: null, ...thumbnail };
    await queryRow(
      this.scope.db,
      `insert into media_thumbnails (company_id, media_id, storage_key, size, sha256)
       values (:companyId, :mediaId, :storageKey, :size, :sha256) on conflict do nothing`,
      { companyId: this.scope.companyId, mediaId, storageKey, size, sha256 },
    );
  }
}
