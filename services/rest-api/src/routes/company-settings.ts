import type { CompanyUnit, Database } from "@syszap/database";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { Revoker } from "../auth/revoker.ts";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";

const retentionNames = ["keepMessagesDays", "keepFilesDays", "keepAuditDays"] as const;
const names = ["agentsSee", "timeZone", "requireSecondFactor", ...retentionNames] as const;

export const companySettingsRoutes = (
  database: Database,
  revoker: Revoker,
): HandlersOf<"getCompanySettings" | "updateCompanySettings"> => ({
  getCompanySettings: ({ caller }) => database.withCompany(caller.companyId, ({ settings }) => settings.get()),

  updateCompanySettings: async ({ body, caller, req }) => {
    const { companyId, userId } = caller;
    const after = await database.withReachChange(companyId, async (unit) => {
      const { settings, reachChanges, audit } = unit;
      const before = await settings.get();
      const changed = names.filter((name) => body[name] !== undefined && body[name] !== before[name]);
      if (changed.length === 0) return before;
      const {
        agentsSee = before.agentsSee,
        timeZone = before.timeZone,
        requireSecondFactor = before.requireSecondFactor,
      } = body;
      if (changed.includes("agentsSee")) await reachChanges.record(await settings.setAgentsSee(agentsSee));
      if (changed.includes("timeZone")) await settings.setTimeZone(timeZone);
      if (changed.includes("requireSecondFactor")) {
        await settings.setRequireSecondFactor(requireSecondFactor);
        if (requireSecondFactor === "managers") await signOutManagers(unit, userId);
      }
      if (retentionNames.some((name) => changed.includes(name)))
        await settings.setRetention({
          keepMessagesDays: body.keepMessagesDays === undefined ? before.keepMessagesDays : body.keepMessagesDays,
          keepFilesDays: body.keepFilesDays === undefined ? before.keepFilesDays : body.keepFilesDays,
          keepAuditDays: body.keepAuditDays === undefined ? before.keepAuditDays : body.keepAuditDays,
        });
      const after = await settings.get();
      const only = (values: typeof before) => Object.fromEntries(changed.map((name) => [name, values[name]]));
      await audit.record(auditActorOf(caller, req), {
        ...{ action: "settings_changed", target: { kind: "company", id: companyId } },
        ...{ before: only(before), after: only(after) },
      });
      return after;
    });
    if (body.requireSecondFactor === "managers") await revoker.send(companyId);
    return after;
  },
});

/**
 * Ends the logins of all owners and admins without a second factor, and closes their sockets. Otherwise a login from before the
 * rule would continue once its user has set up the second factor elsewhere.
 */
async function signOutManagers({ users, emit }: CompanyUnit, callerId: string): Promise<void> {
  const userIds = await users.managersWithoutSecondFactor();
  if (userIds.includes(callerId))
    throw new ProblemError("conflict", "Turn on your own second factor first, on the page of your account.");
  emit.accessChanged(userIds);
  for (const id of userIds) await users.endLogins(id);
}
