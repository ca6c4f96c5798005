import type { StoredFile } from "@syszap/contracts";
import { joinFileRemovals } from "../../sql/file-removal-lock.ts";
import { lockNames } from "../../sql/locks.ts";
import type { Scope } from "../../sql/query.ts";
import { MediaRepository, type StoredMedia } from "./media-repository.ts";
import { deleteUnused, isUnused, lockStorageKey, unusedKeys } from "./unused-files.ts";

/** Files that users uploaded in order to send them. */
export class UploadRepository {
  constructor(private readonly scope: Scope) {}

  /** Stores an upload and returns its file, which may exist already; the time of the upload is set to now. */
  async add(file: StoredFile, userId: string): Promise<StoredMedia> {
    lockStorageKey(this.scope, file.storageKey);
    const id = await new MediaRepository(this.scope).add(file, userId);
    await this.scope.row(
      `insert into media_uploads (company_id, media_id, user_id) values (:companyId, :id, :userId)
       on conflict (company_id, media_id) do update set uploaded_at = clock_timestamp()`,
      { id, userId },
    );
    return { ...file, id };
  }

  /** True if the user uploaded the file. False also when the upload was ended, which happens about a day later. */
  async isBy(mediaId: string, userId: string): Promise<boolean> {
    const row = await this.scope.row(
      "select from media_uploads where company_id = :companyId and media_id = :mediaId and user_id = :userId",
      { mediaId, userId },
    );
    return row !== undefined;
  }

  /** Makes a file an upload again whose use has ended, so that it is discarded if nothing else uses it. */
  async returnFile(mediaId: string, userId: string): Promise<void> {
    await this.scope.row(
      `insert into media_uploads (company_id, media_id, user_id) values (:companyId, :mediaId, :userId)
       on conflict (company_id, media_id) do nothing`,
      { mediaId, userId },
    );
  }

  /**
   * Reserves `bytes` for an upload, so that the company's unused uploads and reservations stay within `maxBytes`. Returns the id
   * of the reservation, or undefined when it does not fit. Reservations of the company are made one after the other.
   */
  async reserve(bytes: number, limits: { maxBytes: number; lifeMs: number }): Promise<string | undefined> {
    lockNames(this.scope, [["upload quota", this.scope.companyId]]);
    await this.scope.row(
      "delete from upload_reservations where company_id = :companyId and expires_at < clock_timestamp()",
    );
    const reservation = await this.scope.row<{ id: string }>(
      `insert into upload_reservations (company_id, bytes, expires_at)
       select :companyId, :bytes, clock_timestamp() + :lifeMs * interval '1 millisecond'
       where :bytes::bigint + (
           select coalesce(sum(f.size), 0) from media_uploads u
             join media f on f.company_id = u.company_id and f.id = u.media_id
           where u.company_id = :companyId and ${isUnused}
         ) + (select coalesce(sum(r.bytes), 0) from upload_reservations r where r.company_id = :companyId)
         <= :maxBytes::bigint
       returning id`,
      { bytes, ...limits },
    );
    return reservation?.id;
  }

  /** Ends a reservation: the upload was added, in the same transaction, or has failed. */
  async release(reservationId: string): Promise<void> {
    await this.scope.row("delete from upload_reservations where company_id = :companyId and id = :reservationId", {
      reservationId,
    });
  }

  /**
   * Ends an upload that is older than `before`. Also deletes the file's row and its thumbnail when no message, client or user
   * uses the file. `remove` is then called with each storage key that no other row of the company has. This happens before the commit,
   * so that a concurrent upload of the same bytes waits. True when the file was deleted. Nothing happens while a backup is made.
   */
  async discard(mediaId: string, before: Date, remove: (storageKey: string) => Promise<void>): Promise<boolean> {
    const file = await new MediaRepository(this.scope).find(mediaId);
    if (!file || !(await joinFileRemovals(this.scope))) return false;
    lockStorageKey(this.scope, file.storageKey);
    const ended = await this.scope.row(
      `delete from media_uploads where company_id = :companyId and media_id = :mediaId and uploaded_at < :before
       returning media_id`,
      { mediaId, before },
    );
    if (!ended) return false;
    const storageKeys = await deleteUnused(this.scope, mediaId);
    if (!storageKeys) return false;
    for (const unused of await unusedKeys(this.scope, storageKeys)) await remove(unused);
    return true;
  }
}
