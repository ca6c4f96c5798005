import type { Message, MissingFile } from "@syszap/contracts";
import { type MessageRow, toMessage } from "../../rows/rows.ts";
import { queryOne, queryRow, type Scope } from "../../sql/query.ts";
import { MediaDownloadRepository } from "./media-download-repository.ts";
import { type Change, lockMessage, type MessageKey, messagesOf, storableMissing } from "./message-row.ts";

/** What became of the file of a message that was stored without it. */
export type MediaOutcome = { mediaId: string } | { missing: MissingFile };

/** Nothing changes for a message that has its file, or was deleted: so a file is told of once, however often it comes. */
export async function applyMedia(scope: Scope, key: MessageKey, outcome: MediaOutcome): Promise<Change> {
  const found = await lockMessage(scope, key);
  if (!found) return "absent";
  const downloads = new MediaDownloadRepository(scope);
  if ("mediaId" in outcome) {
    await downloads.remove(key);
    if (!found.missing_media || found.revoked_at) return undefined;
    return update(scope, found.id, { mediaId: outcome.mediaId, missing: null });
  }
  const { missing } = outcome;
  if (missing.state === "too_large") await downloads.remove(key);
  else await downloads.giveUp(key);
  if (found.missing_media?.state !== "pending") return undefined;
  return update(scope, found.id, { mediaId: null, missing: storableMissing(missing) });
}

/** `absent`: no such message. `impossible`: it is without no file, or nobody knows how to get it. */
export async function askAgain(
  scope: Scope,
  id: string,
): Promise<{ message: Message; isChanged: boolean } | "absent" | "impossible"> {
  const found = await queryRow<MessageRow & { wa_key: string }>(
    scope.db,
    "select * from messages where company_id = :companyId and id = :id for update",
    { companyId: scope.companyId, id },
  );
  if (!found) return "absent";
  const missing = found.missing_media;
  if (!missing || missing.state === "too_large") return "impossible";
  const { session_id: sessionId, wa_key: waKey } = found;
  const { direction } = toMessage(found);
  if (!(await new MediaDownloadRepository(scope).tryAgain({ sessionId, direction, waKey }))) return "impossible";
  if (missing.state === "pending") return { message: toMessage(found), isChanged: false };
  const message = await update(scope, found.id, { mediaId: null, missing: { ...missing, state: "pending" } });
  return { message, isChanged: true };
}

async function update(
  scope: Scope,
  id: string,
  now: { mediaId: string | null; missing: MissingFile | null },
): Promise<Message> {
  const row = await queryOne<MessageRow>(
    scope.db,
    `with changed as (
       update messages set media_id = :mediaId, missing_media = :missing::jsonb, version = version + 1, updated_at = now()
       where company_id = :companyId and id = :id returning *
     ) ${messagesOf("changed")}`,
    {
      companyId: scope.companyId,
      id,
      mediaId: now.mediaId,
      missing: now.missing && JSON.stringify(now.missing),
    },
  );
  return toMessage(row);
}
