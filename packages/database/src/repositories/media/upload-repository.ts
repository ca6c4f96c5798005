import type { StoredFile } from "@syszap/contracts";
import { lockNames } from "../../sql/locks.ts";
import { queryOne, queryRow, queryRows, type Scope } from "../../sql/query.ts";
import { MediaRepository, type StoredMedia } from "./media-repository.ts";
import { ThumbnailRepository } from "./thumbnail-repository.ts";

const isNobodys = `not exists (select from messages m where m.company_id = f.company_id and m.media_id = f.id)
  and not exists (select from clients c where c.company_id = f.company_id and c.picture_media_id = f.id)`;

/** Files that people uploaded to send. */
export class UploadRepository {
  constructor(private readonly scope: Scope) {}

  /** Answers with the file, which may be one that was there before; its day begins anew. */
  async add(file: StoredFile, userId: string): Promise<StoredMedia> {
    this.lock(file.storageKey);
    const id = await new MediaRepository(this.scope).add(file);
    await queryRow(
      this.scope.db,
      `insert into media_uploads (company_id, media_id, user_id) values (:companyId, :id, :userId)
       on conflict (company_id, media_id) do update set uploaded_at = clock_timestamp()`,
      { companyId: this.scope.companyId, id, userId },
    );
    return { ...file, id };
  }

  /** Of files that no message and no client has yet. */
  async waitingBytes(): Promise<number> {
    const { bytes } = await queryOne<{ bytes: string }>(
      this.scope.db,
      `select coalesce(sum(f.size), 0) as bytes from media_uploads u
         join media f on f.company_id = u.company_id and f.id = u.media_id
       where u.company_id = :companyId and ${isNobodys}`,
      { companyId: this.scope.companyId },
    );
    return Number(bytes);
  }

  /**
   * Ends an upload that is older than `before`. When no message and no client has its file, the row goes too, with the small
   * picture of it; `remove` is called with the keys of bytes that no other row of the company has, before the transaction commits,
   * so that whoever uploads the same meanwhile waits.
   */
  async discard(mediaId: string, before: Date, remove: (storageKey: string) => Promise<void>): Promise<boolean> {
    const { companyId } = this.scope;
    const file = await new MediaRepository(this.scope).find(mediaId);
    if (!file) return false;
    this.lock(file.storageKey);
    const ended = await queryRow(
      this.scope.db,
      `delete from media_uploads where company_id = :companyId and media_id = :mediaId and uploaded_at < :before
       returning media_id`,
      { companyId, mediaId, before },
    );
    if (!ended) return false;
    const thumbnail = await new ThumbnailRepository(this.scope).find(mediaId);
    const deleted = await queryRow(
      this.scope.db,
      `delete from media f where f.company_id = :companyId and f.id = :mediaId and ${isNobodys} returning f.id`,
      { companyId, mediaId },
    );
    if (!deleted) return false;
    const storageKeys = [file.storageKey, ...(thumbnail?.storageKey ? [thumbnail.storageKey] : [])];
    for (const unused of await this.unused(storageKeys)) await remove(unused);
    return true;
  }

  /** Those that are the bytes of no file and of no small picture. */
  private async unused(storageKeys: string[]): Promise<string[]> {
    const rows = await queryRows<{ key: string }>(
      this.scope.db,
      `select distinct key from unnest(:storageKeys::text[]) key
       where not exists (select from media f where f.company_id = :companyId and f.storage_key = key)
         and not exists (select from media_thumbnails t where t.company_id = :companyId and t.storage_key = key)`,
      { companyId: this.scope.companyId, storageKeys },
    );
    return rows.map(({ key }) => key);
  }

  /** From the next statement until the transaction ends, nobody else adds or removes an upload with these bytes. */
  private lock(storageKey: string): void {
    lockNames(this.scope, [["upload", this.scope.companyId, storageKey]]);
  }
}
