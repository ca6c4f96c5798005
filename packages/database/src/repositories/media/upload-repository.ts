import type { StoredFile } from "@syszap/contracts";
import { lockNames } from "../../sql/locks.ts";
import type { Scope } from "../../sql/query.ts";
import { MediaRepository, type StoredMedia } from "./media-repository.ts";
import { ThumbnailRepository } from "./thumbnail-repository.ts";

const isUnused = `not exists (select from messages m where m.company_id = f.company_id and m.media_id = f.id)
  and not exists (select from clients c where c.company_id = f.company_id and c.picture_media_id = f.id)`;

/** Files that users uploaded in order to send them. */
export class UploadRepository {
  constructor(private readonly scope: Scope) {}

  /** Stores an upload and returns its file, which may exist already; the time of the upload is set to now. */
  async add(file: StoredFile, userId: string): Promise<StoredMedia> {
    this.lock(file.storageKey);
    const id = await new MediaRepository(this.scope).add(file);
    await this.scope.row(
      `insert into media_uploads (company_id, media_id, user_id) values (:companyId, :id, :userId)
       on conflict (company_id, media_id) do update set uploaded_at = clock_timestamp()`,
      { id, userId },
    );
    return { ...file, id };
  }

  /** Total size of the uploads that no message and no client uses. */
  async unusedBytes(): Promise<number> {
    const { bytes } = await this.scope.one<{
      bytes: string;
    }>(`select coalesce(sum(f.size), 0) as bytes from media_uploads u
         join media f on f.company_id = u.company_id and f.id = u.media_id
       where u.company_id = :companyId and ${isUnused}`);
    return Number(bytes);
  }

  /**
   * Ends an upload that is older than `before`. Also deletes the file's row and its thumbnail when no message and no client uses
   * the file. `remove` is then called with each storage key that no other row of the company has. This happens before the commit,
   * so that a concurrent upload of the same bytes waits. True when the file was deleted.
   */
  async discard(mediaId: string, before: Date, remove: (storageKey: string) => Promise<void>): Promise<boolean> {
    const file = await new MediaRepository(this.scope).find(mediaId);
    if (!file) return false;
    this.lock(file.storageKey);
    const ended = await this.scope.row(
      `delete from media_uploads where company_id = :companyId and media_id = :mediaId and uploaded_at < :before
       returning media_id`,
      { mediaId, before },
    );
    if (!ended) return false;
    const thumbnail = await new ThumbnailRepository(this.scope).find(mediaId);
    const deleted = await this.scope.row(
      `delete from media f where f.company_id = :companyId and f.id = :mediaId and ${isUnused} returning f.id`,
      { mediaId },
    );
    if (!deleted) return false;
    const storageKeys = [file.storageKey, ...(thumbnail?.storageKey ? [thumbnail.storageKey] : [])];
    for (const unused of await this.unused(storageKeys)) await remove(unused);
    return true;
  }

  /** Returns the keys that belong to no file and no thumbnail. */
  private async unused(storageKeys: string[]): Promise<string[]> {
    const rows = await this.scope.rows<{ key: string }>(
      `select distinct key from unnest(:storageKeys::text[]) key
       where not exists (select from media f where f.company_id = :companyId and f.storage_key = key)
         and not exists (select from media_thumbnails t where t.company_id = :companyId and t.storage_key = key)`,
      { storageKeys },
    );
    return rows.map(({ key }) => key);
  }

  /** Excludes other transactions that add or discard an upload of the same bytes, from the next statement until the commit. */
  private lock(storageKey: string): void {
    lockNames(this.scope, [["upload", this.scope.companyId, storageKey]]);
  }
}
