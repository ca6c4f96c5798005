import { connectDatabase } from "@syszap/database";
import { nextMessages } from "../environment/next-messages.ts";
import { storeMessages } from "../walls/store-messages.ts";
import type { OpenHop } from "./hop.ts";

/** The worker's transaction for one message, without publishing its events. */
export const openSqlHop: OpenHop = async ({ urls, tenants }) => {
  const publish = async () => undefined;
  const database = connectDatabase({ ...urls, maxConnections: 10, isLookupsOnly: true, publish });
  return {
    pass: async () => {
      const jobs = nextMessages(tenants, 1);
      await database.withCompany(jobs[0]?.companyId ?? "", (unit) => storeMessages(unit, jobs));
    },
    close: () => database.close(),
  };
};
