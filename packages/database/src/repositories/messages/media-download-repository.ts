import type { MissingFile } from "@syszap/contracts";
import { queryRow, type Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import type { MessageKey } from "./message-row.ts";

/** By then whoever told of the message has had its own first tries, or was killed. */
const firstAttemptAfterMs = 30_000;
const whereKey = "company_id = :companyId and session_id = :sessionId and direction = :direction and wa_key = :waKey";

/** Files that messages are still without. Rows are written under the lock of their message. */
export class MediaDownloadRepository {
  constructor(private readonly scope: Scope) {}

  /** For the session's owner to try, beginning in half a minute. What is known already stays as it is. */
  async add(key: MessageKey, file: MissingFile & { handle: string }): Promise<void> {
    await queryRow(
      this.scope.db,
      `insert into media_downloads
         (company_id, session_id, direction, wa_key, handle, mime_type, file_name, size, next_attempt_at)
       values (:companyId, :sessionId, :direction, :waKey, :handle, :mimeType, :fileName, :size,
         clock_timestamp() + :afterMs * interval '1 millisecond')
       on conflict do nothing`,
      {
        ...this.keyOf(key),
        handle: file.handle,
        mimeType: toStorableText(file.mimeType),
        fileName: file.fileName && toStorableText(file.fileName),
        size: file.size,
        afterMs: file.state === "pending" ? firstAttemptAfterMs : null,
      },
    );
  }

  /** The file is here, or nobody wants it any more. */
  async remove(key: MessageKey): Promise<void> {
    await queryRow(this.scope.db, `delete from media_downloads where ${whereKey}`, this.keyOf(key));
  }

  /** Nobody tries any more, until `tryAgain`. */
  async giveUp(key: MessageKey): Promise<void> {
    await queryRow(
      this.scope.db,
      `update media_downloads set next_attempt_at = null where ${whereKey}`,
      this.keyOf(key),
    );
  }

  /** From the beginning, and at once. False when it is not known how to get the file. */
  async tryAgain(key: MessageKey): Promise<boolean> {
    const row = await queryRow(
      this.scope.db,
      `update media_downloads set attempts = 0, next_attempt_at = clock_timestamp() where ${whereKey} returning wa_key`,
      this.keyOf(key),
    );
    return row !== undefined;
  }

  private keyOf({ sessionId, direction, waKey }: MessageKey) {
    return { companyId: this.scope.companyId, sessionId, direction, waKey: toStorableText(waKey) };
  }
}
