import type { UnitEvents } from "../../events.ts";
import type { Scope } from "../../sql/query.ts";

/** The users whose reach a transaction changed. */
export type Affected = readonly string[] | "agents";

/** Above this number of users, all agents reconnect instead. */
const maxNamed = 100;

/** Puts changes of who sees what into effect. */
export class ReachChanges {
  constructor(
    private readonly scope: Scope,
    private readonly emit: UnitEvents,
  ) {}

  /**
   * Emits `access_changed` for the users: their sockets are closed, and they read their data again. Also keeps a row by which the
   * worker repeats this if an event with an old audience is published later. Requires a transaction of `withReachChange`.
   */
  async record(affected: Affected): Promise<void> {
    if (affected.length === 0) return;
    const userIds = affected === "agents" || affected.length > maxNamed ? null : [...affected];
    await this.scope.row("insert into reach_changes (company_id, user_ids) values (:companyId, :userIds::uuid[])", {
      userIds,
    });
    if (userIds) this.emit.accessChanged(userIds);
    else this.emit.accessOfAgentsChanged();
  }

  /** Emits `access_changed` for a recorded change once more, and ends it. */
  async repeat(id: string): Promise<void> {
    const change = await this.scope.row<{ userIds: string[] | null }>(
      'delete from reach_changes where company_id = :companyId and id = :id returning user_ids::text[] as "userIds"',
      { id },
    );
    if (!change) return;
    if (change.userIds) this.emit.accessChanged(change.userIds);
    else this.emit.accessOfAgentsChanged();
  }

  /** Ends a recorded change that needs no repetition. */
  async end(id: string): Promise<void> {
    await this.scope.row("delete from reach_changes where company_id = :companyId and id = :id", { id });
  }
}
