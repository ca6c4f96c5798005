import { type OpenMerge, visibleName } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import type { ClientRow } from "../clients/client-row.ts";
import { lockClientRows, refreshOtherNames } from "../clients/identities.ts";
import { type Merged, mergeClients } from "../clients/merge-clients.ts";
import { type MergeState, readState, undoMerge } from "./undo-merge.ts";

type LockedRow = ClientRow & { merged_into: string | null; registered_at: Date | null };

export interface Undone {
  kept: string;
  gone: string;
  /** Ids of the chats of both that changed. */
  chats: string[];
}

/** How long a merge by hand can be undone. */
const undoHours = 24;

/** Merges of clients by hand (decision 065). */
export class ClientMergeRepository {
  constructor(private readonly scope: Scope) {}

  /** The merges into a client that can still be undone, newest first. */
  async listOpen(clientId: string): Promise<OpenMerge[]> {
    const rows = await this.scope.rows<{ id: string; name: string | null; number: string; merged_at: Date }>(
      `select id, before -> 'gone' ->> 'name' as name, before -> 'gone' ->> 'whatsapp_number' as number, merged_at
       from client_merges where company_id = :companyId and kept = :clientId and ${isOpen} order by merged_at desc, id`,
      { clientId },
    );
    return rows.map(({ id, name, number, merged_at: mergedAt }) => ({
      id,
      name: visibleName(name) ?? number,
      whatsappNumber: number || null,
      mergedAt: mergedAt.toISOString(),
      undoUntil: new Date(mergedAt.getTime() + undoHours * 3_600_000).toISOString(),
    }));
  }

  /** Merges `gone` into `kept`. Undefined when one of them does not exist or was merged already. */
  async merge(kept: string, gone: string): Promise<{ id: string; merged: Merged } | undefined> {
    const { scope } = this;
    const rows = await lockClientRows<LockedRow>(scope, [kept, gone]);
    if (rows.length < 2 || rows.some((row) => row.merged_into !== null || row.registered_at === null)) return undefined;
    const before = await readState(scope, { kept, gone });
    const { id } = await scope.one<{ id: string }>(
      `insert into client_merges (company_id, kept, gone, before) values (:companyId, :kept, :gone, :before::jsonb) returning id`,
      { kept, gone, before: JSON.stringify(before) },
    );
    await scope.row(
      `delete from client_separations where company_id = :companyId and one = least(:kept::uuid, :gone::uuid)
         and other = greatest(:kept::uuid, :gone::uuid)`,
      { kept, gone },
    );
    const merged = await mergeClients(scope, { kept, gone }, id);
    refreshOtherNames(scope, [kept, gone]);
    return { id, merged };
  }

  /** Restores both clients. `closed`: it was undone already, or too much time has passed. `newer`: a newer merge must be undone first. */
  async undo(clientId: string, id: string): Promise<Undone | "absent" | "closed" | "newer"> {
    const { scope } = this;
    const row = await scope.row<{ kept: string; gone: string; merged_at: Date; before: MergeState; is_open: boolean }>(
      `select kept, gone, merged_at, before, ${isOpen} as is_open from client_merges
       where company_id = :companyId and id = :id and kept = :clientId for update`,
      { id, clientId },
    );
    if (!row) return "absent";
    const { kept, gone } = row;
    const [keptRow] = (await lockClientRows<LockedRow>(scope, [kept, gone])).filter((each) => each.id === kept);
    if (!row.is_open || keptRow?.merged_into !== null) return "closed";
    const newer = await scope.row(
      `select from client_merges where company_id = :companyId and kept = :kept and closed_at is null and merged_at > :at limit 1`,
      { kept, at: row.merged_at },
    );
    if (newer) return "newer";
    await scope.row(
      "update client_merges set closed_at = clock_timestamp() where company_id = :companyId and id = :id",
      {
        id,
      },
    );
    const chats = await undoMerge(scope, { id, kept, gone, mergedAt: row.merged_at, before: row.before });
    await scope.row("delete from merged_messages where company_id = :companyId and merge_id = :id", { id });
    refreshOtherNames(scope, [kept, gone]);
    return { kept, gone, chats };
  }
}

const isOpen = `(closed_at is null and merged_at > clock_timestamp() - interval '${undoHours} hours')`;
