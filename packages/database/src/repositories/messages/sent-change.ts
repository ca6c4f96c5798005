import { type DataOf, Direction, type Message, type MessageChange } from "@syszap/contracts";
import { queryRow, type Scope } from "../../sql/query.ts";
import { applyEdit, applyReaction, applyRevoke } from "./message-change-repository.ts";
import type { Change, MessageKey } from "./message-row.ts";

export interface AppliedChange {
  /** As it is now. */
  message: Message;
  change: DataOf<"message_update">["Change"];
}
interface ChangeRow {
  change: MessageChange;
  body: string;
  session_id: string;
  wa_key: string;
  direction: number;
}

/** See `MessageRepository.applySent`. */
export async function applySent(scope: Scope, id: string, timestampMs: number): Promise<AppliedChange | undefined> {
  const row = await queryRow<ChangeRow>(
    scope.db,
    `select m.change, m.body, t.session_id, t.wa_key, t.direction
     from messages m join messages t on t.company_id = m.company_id and t.id = m.changes_message_id
     where m.company_id = :companyId and m.id = :id`,
    { companyId: scope.companyId, id },
  );
  if (!row) return undefined;
  const key = { sessionId: row.session_id, direction: Direction.parse(row.direction), waKey: row.wa_key };
  const [changed, change] = await apply(scope, { ...row, key }, timestampMs);
  return changed && changed !== "absent" ? { message: changed, change } : undefined;
}

async function apply(
  scope: Scope,
  { change, body, key }: ChangeRow & { key: MessageKey },
  timestampMs: number,
): Promise<[Change, AppliedChange["change"]]> {
  switch (change) {
    case "edit":
      return [await applyEdit(scope, key, { body, timestampMs }), "edited"];
    case "delete":
      return [await applyRevoke(scope, key, { timestampMs }), "revoked"];
    case "reaction":
      return [await applyReaction(scope, key, { from: "company", emoji: body, timestampMs }), "reaction"];
  }
}
