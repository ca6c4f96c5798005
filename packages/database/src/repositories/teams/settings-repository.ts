import type { AgentReach, CompanySettings, SecondFactorPolicy } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";
import type { Affected } from "./reach-changes.ts";

type Retention = Pick<CompanySettings, "keepMessagesDays" | "keepFilesDays" | "keepAuditDays">;

/** The settings of the company. */
export class SettingsRepository {
  constructor(private readonly scope: Scope) {}

  /** Throws when the company does not exist. */
  get(): Promise<CompanySettings> {
    return this.scope.one<CompanySettings>(
      `select id, name, agents_see as "agentsSee", time_zone as "timeZone", require_second_factor as "requireSecondFactor",
         keep_messages_days as "keepMessagesDays", keep_files_days as "keepFilesDays", keep_audit_days as "keepAuditDays"
       from companies where id = :companyId`,
    );
  }

  /** Requires a transaction of `withReachChange`. Returns the users for `ReachChanges.record`. */
  async setAgentsSee(agentsSee: AgentReach): Promise<Affected> {
    const changed = await this.scope.row(
      "update companies set agents_see = :agentsSee where id = :companyId and agents_see <> :agentsSee returning id",
      { agentsSee },
    );
    return changed ? "agents" : [];
  }

  async setTimeZone(timeZone: string): Promise<void> {
    await this.scope.rows("update companies set time_zone = :timeZone where id = :companyId", { timeZone });
  }

  /** Nothing is removed before a day has passed, so that a mistake can be corrected. */
  async setRetention(keep: Retention): Promise<void> {
    await this.scope.rows(
      `update companies set keep_messages_days = :keepMessagesDays, keep_files_days = :keepFilesDays,
         keep_audit_days = :keepAuditDays, retention_checked_at = now() where id = :companyId`,
      { ...keep },
    );
  }

  async setRequireSecondFactor(requireSecondFactor: SecondFactorPolicy): Promise<void> {
    await this.scope.rows("update companies set require_second_factor = :requireSecondFactor where id = :companyId", {
      requireSecondFactor,
    });
  }
}
