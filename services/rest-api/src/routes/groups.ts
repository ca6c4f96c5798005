import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";
import { requireSession } from "./sessions.ts";

const notYet = () => new ProblemError("conflict", "Groups are not available yet.");

/** Groups of a session, and what is special to chats of groups. */
export const groupRoutes = (
  database: Database,
): HandlersOf<"setSessionGroups" | "setChatNotices" | "listParticipants"> => ({
  setSessionGroups: ({ params, caller }) =>
    database.withCompany(caller.companyId, async ({ sessions }) => {
      requireSession(await sessions.find(params.id));
      throw notYet();
    }),

  setChatNotices: ({ params, caller }) =>
    database.withPerson(caller, async ({ chats }) => {
      if (!(await chats.find(params.id))) throw notFound("chat");
      throw notYet();
    }),

  listParticipants: ({ params, caller }) =>
    database.withPerson(caller, async ({ chats }) => {
      if (!(await chats.find(params.id))) throw notFound("chat");
      return { items: [], next: null };
    }),
});
