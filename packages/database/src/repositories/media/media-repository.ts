import type { StoredFile } from "@syszap/contracts";
import { v5 } from "uuid";
import { isReached, type Scope } from "../../sql/query.ts";
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

  /**
   * Returns the file's id. The same bytes with the same name and type have the same id, except that each user's uploads have their
   * own: an upload is visible to its user only, until a message has it.
   */
  async add(file: StoredFile, uploadedBy?: string): Promise<string> {
    const named = {
      ...file,
      mimeType: toStorableText(file.mimeType),
      fileName: file.fileName && toStorableText(file.fileName),
    };
    const identity = [this.scope.companyId, named.storageKey, named.mimeType, named.fileName];
    const id = v5(JSON.stringify(uploadedBy === undefined ? identity : [...identity, uploadedBy]), namespace);
    await this.scope.row(
      `insert into media (company_id, id, storage_key, mime_type, file_name, size, sha256)
       values (:companyId, :id, :storageKey, :mimeType, :fileName, :size, :sha256)
       on conflict do nothing`,
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

  /**
   * A person sees its own uploads, pictures of users, and the files of messages and pictures of clients and groups within its reach. A person who
   * sees every chat does not see the uploads of others before they are sent either. A disabled user sees nothing.
   */
  async find(id: string): Promise<StoredMedia | undefined> {
    const { person } = this.scope;
    if (person && person.role === undefined) return undefined;
    const row = await this.scope.row<MediaRow>(
      `select * from media f where f.company_id = :companyId and f.id = :id and (
         (:reachedSessions::uuid[] is null and not exists (select from media_uploads u
           where u.company_id = f.company_id and u.media_id = f.id and u.user_id <> :userId))
         or exists (select from messages m where m.company_id = f.company_id and m.media_id = f.id and ${isReached("m.session_id")})
         or exists (select from media_uploads u where u.company_id = f.company_id and u.media_id = f.id and u.user_id = :userId)
         or exists (select from clients c join chats ch on ch.company_id = c.company_id and ch.client_id = c.id
           where c.company_id = f.company_id and c.picture_media_id = f.id and ${isReached("ch.session_id")})
         or exists (select from chat_groups g where g.company_id = f.company_id and g.picture_media_id = f.id
           and ${isReached("g.session_id")})
         or exists (select from users u where u.company_id = f.company_id and u.picture_media_id = f.id))`,
      { id, userId: person?.userId ?? null },
    );
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
