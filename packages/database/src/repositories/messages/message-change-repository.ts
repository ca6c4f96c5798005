import { type MessageRow, type StoredReaction, toMessage } from "../../rows/rows.ts";
import { queryOne, type Scope } from "../../sql/query.ts";
import { toStorableText } from "../../sql/storable-text.ts";
import { MediaDownloadRepository } from "./media-download-repository.ts";
import { type Change, lockMessage, type MessageKey, messagesOf } from "./message-row.ts";

export async function applyEdit(
  scope: Scope,
  key: MessageKey,
  edit: { body: string; timestampMs: number },
): Promise<Change> {
  const found = await lockMessage(scope, key);
  if (!found) return "absent";
  if (found.revoked_at || (found.edited_at && found.edited_at.getTime() >= edit.timestampMs)) return undefined;
  return update(scope, found.id, "body = :body, edited_at = :at", {
    body: toStorableText(edit.body),
    at: new Date(edit.timestampMs),
  });
}

export async function applyRevoke(scope: Scope, key: MessageKey, revoke: { timestampMs: number }): Promise<Change> {
  const found = await lockMessage(scope, key);
  if (!found) return "absent";
  if (found.revoked_at) return undefined;
  if (found.missing_media) await new MediaDownloadRepository(scope).remove(key);
  return update(scope, found.id, "body = '', media_id = null, missing_media = null, content = null, revoked_at = :at", {
    at: new Date(revoke.timestampMs),
  });
}

export async function applyReaction(
  scope: Scope,
  key: MessageKey,
  reaction: { from: "client" | "company"; emoji: string; timestampMs: number },
): Promise<Change> {
  const found = await lockMessage(scope, key);
  if (!found) return "absent";
  const emoji = toStorableText(reaction.emoji);
  const before = found.reactions.find(({ from }) => from === reaction.from);
  if (found.revoked_at || (before && before.atMs >= reaction.timestampMs)) return undefined;
  const others = found.reactions.filter(({ from }) => from !== reaction.from);
  const reactions: StoredReaction[] = [...others, { emoji, from: reaction.from, atMs: reaction.timestampMs }];
  return update(scope, found.id, "reactions = :reactions::jsonb", { reactions: JSON.stringify(reactions) });
}

async function update(
  scope: Scope,
  id: string,
  assignments: string,
  bindings: Record<string, string | Date>,
): Promise<Change> {
  const row = await queryOne<MessageRow>(
    scope.db,
    `with changed as (
       update messages set ${assignments}, version = version + 1, updated_at = now()
       where company_id = :companyId and id = :id returning *
     ) ${messagesOf("changed")}`,
    { companyId: scope.companyId, id, ...bindings },
  );
  return toMessage(row);
}
