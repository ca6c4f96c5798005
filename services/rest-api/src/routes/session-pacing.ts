import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";
import { requireSession } from "./sessions.ts";

export const sessionPacingRoutes = (database: Database): HandlersOf<"getSessionPacing"> => ({
  getSessionPacing: ({ params, caller }) =>
    database.withCompany(caller.companyId, async ({ sessions, pacing }) => {
      const session = requireSession(await sessions.find(params.id));
      return pacing.read(session.id);
    }),
});
