import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";

export const companySettingsRoutes = (
  database: Database,
): HandlersOf<"getCompanySettings" | "updateCompanySettings"> => ({
  getCompanySettings: ({ caller }) => database.withCompany(caller.companyId, ({ settings }) => settings.get()),

  updateCompanySettings: ({ body: { agentsSee }, caller: { companyId } }) =>
    database.withReachChange(companyId, async ({ settings, reachChanges }) => {
      if (agentsSee !== undefined) await reachChanges.record(await settings.setAgentsSee(agentsSee));
      return settings.get();
    }),
});
