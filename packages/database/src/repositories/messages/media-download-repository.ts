import type { MissingFile } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import type { MessageKey } from "./message-row.ts";

/** Gives the process that reported the message time for its own first attempts. */
const firstAttemptAfterMs = 30_000;
const whereKey = "company_id = :companyId and session_id = :sessionId and direction = :direction and wa_key = :waKey";

/** Downloads of files that messages still lack. Call the methods while the message is locked. */
export class MediaDownloadRepository {
  constructor(private readonly scope: Scope) {}

  /** Schedules the download for the session's owner, from half a minute on. An existing row does not change. */
  async add(key: MessageKey, file: MissingFile & { handle: string }): Promise<void> {
    await this.scope.row(
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

  /** Call it when the file is stored or no longer needed. */
  async remove(key: MessageKey): Promise<void> {
    await this.scope.row(`delete from media_downloads where ${whereKey}`, this.keyOf(key));
  }

  /** Stops further attempts until `restart`. */
  async giveUp(key: MessageKey): Promise<void> {
    await this.scope.row(`update media_downloads set next_attempt_at = null where ${whereKey}`, this.keyOf(key));
  }

  /** Starts again with a first attempt, due now. False when it is unknown how to get the file. */
  async restart(key: MessageKey): Promise<boolean> {
    const row = await this.scope.row(
      `update media_downloads set attempts = 0, next_attempt_at = clock_timestamp() where ${whereKey} returning wa_key`,
      this.keyOf(key),
    );
    return row !== undefined;
  }

  private keyOf({ sessionId, direction, waKey }: MessageKey) {
    return { sessionId, direction, waKey: toStorableText(waKey) };
  }
}
