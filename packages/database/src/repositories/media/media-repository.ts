import type { StoredFile } from "@syszap/contracts";
import { v5 } from "uuid";
import type { Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";

export type StoredMedia = StoredFile & { id: string };
interface MediaRow {
  id: string;
  storage_key: string;
  mime_type: string;
  file_name: string | null;
  size: string;
  sha256: string;
}

const namespace = "0b1d6c8e-4f0a-4a57-9f0f-7f2a3e9f6d11";

/** Metadata of the files in the media store. */
export class MediaRepository {
  constructor(private readonly scope: Scope) {}

  /** Returns the file's id. The same bytes with the same name and type have the same id. */
  async add(file: StoredFile): Promise<string> {
    const named = {
      ...file,
      mimeType: toStorableText(file.mimeType),
      fileName: file.fileName && toStorableText(file.fileName),
    };
    const id = v5(JSON.stringify([this.scope.companyId, named.storageKey, named.mimeType, named.fileName]), namespace);
    await this.scope.row(
      `insert into media (company_id, id, storage_key, mime_type, file_name, size, sha256)
       values (:companyId, :id, :storageKey, :mimeType, :fileName, :size, :sha256)
       on conflict (company_id, id) do nothing`,
      {
        id,
        storageKey: named.storageKey,
        mimeType: named.mimeType,
        fileName: named.fileName,
        size: named.size,
        sha256: named.sha256,
      },
    );
    return id;
  }

  async find(id: string): Promise<StoredMedia | undefined> {
    const row = await this.scope.row<MediaRow>("select * from media where company_id = :companyId and id = :id", {
      id,
    });
    return (
      row && {
        id: row.id,
        storageKey: row.storage_key,
        mimeType: row.mime_type,
        fileName: row.file_name,
        size: Number(row.size),
        sha256: row.sha256,
      }
    );
  }
}
