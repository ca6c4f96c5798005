import type { Database } from "@syszap/database";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { HandlersOf } from "../endpoint.ts";

export const companySettingsRoutes = (
  database: Database,
): HandlersOf<"getCompanySettings" | "updateCompanySettings"> => ({
  getCompanySettings: ({ caller }) => database.withCompany(caller.companyId, ({ settings }) => settings.get()),

  updateCompanySettings: ({ body: { agentsSee }, caller, req }) =>
    database.withReachChange(caller.companyId, async ({ settings, reachChanges, audit }) => {
      const before = await settings.get();
      if (agentsSee === undefined || agentsSee === before.agentsSee) return before;
      await reachChanges.record(await settings.setAgentsSee(agentsSee));
      await audit.record(auditActorOf(caller, req), {
        ...{ action: "settings_changed", target: { kind: "company", id: caller.companyId } },
        ...{ before: { agentsSee: before.agentsSee }, after: { agentsSee } },
      });
      return settings.get();
    }),
});
