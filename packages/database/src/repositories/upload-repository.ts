import type { StoredFile } from "@syszap/contracts";
import { queryRow, type Scope } from "../rows/query.ts";
import { MediaRepository, type StoredMedia } from "./media-repository.ts";

/** Files that people uploaded to send. */
export class UploadRepository {
  constructor(private readonly scope: Scope) {}

  /** Answers with the file, which may be one that was there before; its day begins anew. */
  async add(file: StoredFile, userId: string): Promise<StoredMedia> {
    await this.lock(file.storageKey);
    const id = await new MediaRepository(this.scope).add(file);
    await queryRow(
      this.scope.db,
      `insert into media_uploads (company_id, media_id, user_id) values (:companyId, :id, :userId)
       on conflict (company_id, media_id) do update set uploaded_at = clock_timestamp()`,
      { companyId: this.scope.companyId, id, userId },
    );
    return { ...file, id };
  }

  /**
   * Ends an upload that is older than `before`. When no message and no client has its file, the row goes too; `remove` is called
   * with the key of bytes that no other row of the company has, before the transaction commits, so that whoever uploads the same
   * meanwhile waits.
   */
  async discard(mediaId: string, before: Date, remove: (storageKey: string) => Promise<void>): Promise<boolean> {
    const { companyId } = this.scope;
    const file = await new MediaRepository(this.scope).find(mediaId);
    if (!file) return false;
    await this.lock(file.storageKey);
    const ended = await queryRow(
      this.scope.db,
      `delete from media_uploads where company_id = :companyId and media_id = :mediaId and uploaded_at < :before
       returning media_id`,
      { companyId, mediaId, before },
    );
    if (!ended) return false;
    const deleted = await queryRow(
      this.scope.db,
      `delete from media f where f.company_id = :companyId and f.id = :mediaId
         and not exists (select from messages m where m.company_id = f.company_id and m.media_id = f.id)
         and not exists (select from clients c where c.company_id = f.company_id and c.picture_media_id = f.id)
       returning f.id`,
      { companyId, mediaId },
    );
    if (!deleted) return false;
    const other = await queryRow(
      this.scope.db,
      "select from media where company_id = :companyId and storage_key = :storageKey limit 1",
      { companyId, storageKey: file.storageKey },
    );
    if (!other) await remove(file.storageKey);
    return true;
  }

  /** Until the transaction ends, nobody else adds or removes an upload with these bytes. */
  private async lock(storageKey: string): Promise<void> {
    await queryRow(this.scope.db, "select pg_advisory_xact_lock(hashtextextended(:name, 0))", {
      name: JSON.stringify(["upload", this.scope.companyId, storageKey]),
    });
  }
}
