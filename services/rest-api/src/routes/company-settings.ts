import type { Database } from "@syszap/database";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";

const names = ["agentsSee", "requireSecondFactor"] as const;

export const companySettingsRoutes = (
  database: Database,
): HandlersOf<"getCompanySettings" | "updateCompanySettings"> => ({
  getCompanySettings: ({ caller }) => database.withCompany(caller.companyId, ({ settings }) => settings.get()),

  updateCompanySettings: ({ body, caller, req }) =>
    database.withReachChange(caller.companyId, async ({ settings, reachChanges, secondFactors, audit, emit }) => {
      const before = await settings.get();
      const changed = names.filter((name) => body[name] !== undefined && body[name] !== before[name]);
      if (changed.length === 0) return before;
      const { agentsSee = before.agentsSee, requireSecondFactor = before.requireSecondFactor } = body;
      if (changed.includes("agentsSee")) await reachChanges.record(await settings.setAgentsSee(agentsSee));
      if (changed.includes("requireSecondFactor")) {
        // Otherwise the caller would be signed out by the own change.
        if (requireSecondFactor !== "none" && !(await secondFactors.find(caller.userId))?.activatedAt)
          throw new ProblemError("conflict", "Turn on your own second factor first, on the page of your account.");
        await settings.setRequireSecondFactor(requireSecondFactor);
        if (requireSecondFactor !== "none") emit.accessOfManagersChanged();
      }
      const after = await settings.get();
      const only = (values: typeof before) => Object.fromEntries(changed.map((name) => [name, values[name]]));
      await audit.record(auditActorOf(caller, req), {
        ...{ action: "settings_changed", target: { kind: "company", id: caller.companyId } },
        ...{ before: only(before), after: only(after) },
      });
      return after;
    }),
});
