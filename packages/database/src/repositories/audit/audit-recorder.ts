import type { AuditAction, AuditActorKind, AuditTargetKind } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRows, type Scope } from "../../sql/query.ts";
import { shorten, storableJson } from "../../sql/storable-text.ts";

/** Who acts. */
export interface AuditActor {
  kind: AuditActorKind;
  /** The user or operator. For an API key the user it acts for. */
  id?: string | undefined;
  /** The login or API key. */
  loginId?: string | undefined;
  /** Network address. */
  address?: string | undefined;
}
/** Settings by name. Must not contain messages, passwords, tokens or keys. */
type AuditSettings = Record<string, unknown>;

export interface AuditRecord {
  action: AuditAction;
  target?: { kind: AuditTargetKind; id: string };
  /** Only the settings that changed. */
  before?: AuditSettings;
  after?: AuditSettings;
}

/** An entry longer than this is recorded without its settings, so that the audit log stays bounded. */
const maxSettingsLength = 10_000;
const maxAddressLength = 100;

/** Adds to the audit log of the company, in the transaction of the change. */
export class AuditRecorder {
  constructor(private readonly scope: Scope) {}

  record(actor: AuditActor, entry: AuditRecord): Promise<void> {
    return recordAudit(this.scope.db, this.scope.companyId, actor, entry);
  }
}

/** For transactions of the system role. `AuditRecorder` is the same for transactions of one company. */
export async function recordAudit(
  db: Knex,
  companyId: string,
  actor: AuditActor,
  { action, target, before, after }: AuditRecord,
): Promise<void> {
  await queryRows(
    db,
    `insert into audit_log
       (company_id, actor_kind, actor_id, login_id, address, action, target_kind, target_id, before, after)
     values (:companyId, :kind, :actorId, :loginId, :address, :action, :targetKind, :targetId,
       :before::jsonb, :after::jsonb)`,
    {
      companyId,
      kind: actor.kind,
      actorId: actor.id ?? null,
      loginId: actor.loginId ?? null,
      address: actor.address === undefined ? null : shorten(actor.address, maxAddressLength),
      action,
      targetKind: target?.kind ?? null,
      targetId: target?.id ?? null,
      before: toJson(before),
      after: toJson(after),
    },
  );
}

function toJson(settings: AuditSettings | undefined): string | null {
  if (settings === undefined) return null;
  const json = storableJson(settings);
  return json.length <= maxSettingsLength ? json : JSON.stringify({ omitted: `${json.length} characters` });
}
