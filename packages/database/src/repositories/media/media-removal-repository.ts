import { joinFileRemovals } from "../../sql/file-removal-lock.ts";
import type { Scope } from "../../sql/query.ts";
import { deleteUnused, lockStorageKey, unusedKeys } from "./unused-files.ts";

/** Files whose message was deleted. Their rows end in the transaction of the deletion; the bytes are removed from the store after it. */
export class MediaRemovalRepository {
  constructor(private readonly scope: Scope) {}

  /** Deletes a file's row with its thumbnail, unless something else uses the file. From then on all links to it answer 404. */
  async discard(mediaId: string): Promise<void> {
    const storageKeys = await deleteUnused(this.scope, mediaId);
    if (!storageKeys) return;
    await this.request(await unusedKeys(this.scope, storageKeys));
  }

  /** Removes a stored file, unless a row uses it. */
  async discardUnused(storageKey: string): Promise<void> {
    await this.request(await unusedKeys(this.scope, [storageKey]));
  }

  private async request(storageKeys: string[]): Promise<void> {
    await this.scope.row(
      `insert into media_removals (company_id, storage_key)
       select :companyId, key from unnest(:storageKeys::text[]) key
       on conflict (company_id, storage_key) do update set requested_at = clock_timestamp()`,
      { storageKeys },
    );
  }

  /**
   * Ends a removal. `remove` is called, before the commit, if the file is still unused: the same bytes may have arrived again. It
   * must keep a file that was written after `requestedAt`. Nothing happens while a backup is made.
   */
  async finish(storageKey: string, remove: (storageKey: string, requestedAt: Date) => Promise<void>): Promise<void> {
    if (!(await joinFileRemovals(this.scope))) return;
    lockStorageKey(this.scope, storageKey);
    const ended = await this.scope.row<{ requested_at: Date }>(
      "delete from media_removals where company_id = :companyId and storage_key = :storageKey returning requested_at",
      { storageKey },
    );
    if (!ended) return;
    for (const unused of await unusedKeys(this.scope, [storageKey])) await remove(unused, ended.requested_at);
  }
}
