import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";
import { known } from "./sessions.ts";

export const sessionPacingRoutes = (database: Database): HandlersOf<"getSessionPacing"> => ({
  getSessionPacing: ({ params, caller }) =>
    database.withCompany(caller.companyId, async ({ sessions, pacing }) => {
      const session = known(await sessions.find(params.id));
      return pacing.read(session.id);
    }),
});
