import { lockNames } from "../../sql/locks.ts";
import type { Scope } from "../../sql/query.ts";

/** SQL: no message, client or user has the file of the `media` row `f`. */
export const isUnused = `not exists (select from messages m where m.company_id = f.company_id and m.media_id = f.id)
  and not exists (select from clients c where c.company_id = f.company_id and c.picture_media_id = f.id)
  and not exists (select from users p where p.company_id = f.company_id and p.picture_media_id = f.id)`;

/** Deletes a file's row with its thumbnail, unless something uses the file. Returns the storage keys that both had, or undefined. */
export async function deleteUnused(scope: Scope, mediaId: string): Promise<string[] | undefined> {
  const deleted = await scope.row<{ storage_keys: string[] }>(
    `with thumbnail as (
       select storage_key from media_thumbnails
       where company_id = :companyId and media_id = :mediaId and storage_key is not null
     )
     delete from media f where f.company_id = :companyId and f.id = :mediaId and ${isUnused}
     returning array_append(array(select storage_key from thumbnail), f.storage_key) as storage_keys`,
    { mediaId },
  );
  return deleted?.storage_keys;
}

/** Returns the keys that belong to no file and no thumbnail. */
export async function unusedKeys(scope: Scope, storageKeys: string[]): Promise<string[]> {
  const rows = await scope.rows<{ key: string }>(
    `select distinct key from unnest(:storageKeys::text[]) key
     where not exists (select from media f where f.company_id = :companyId and f.storage_key = key)
       and not exists (select from media_thumbnails t where t.company_id = :companyId and t.storage_key = key)`,
    { storageKeys },
  );
  return rows.map(({ key }) => key);
}

/** Excludes other transactions that add or discard an upload of the same bytes, from the next statement until the commit. */
export const lockStorageKey = (scope: Scope, storageKey: string): void =>
  lockNames(scope, [["upload", scope.companyId, storageKey]]);
