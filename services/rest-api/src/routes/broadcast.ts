import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";

export const broadcastRoutes = (database: Database, publisher: Publisher): HandlersOf<"broadcast"> => ({
  broadcast: async ({ body: { to, ...notice }, caller }) => {
    const data = { ...notice, timestamp: new Date().toISOString() };
    if ("operatorId" in caller) {
      if (to.reach === "everyone") return publisher.broadcastToAll(data).then(() => undefined);
      throw new ProblemError("forbidden", "An operator belongs to no company. Send the announcement to everyone.");
    }
    const { companyId } = caller;
    const event = { type: "announcement", audience: { kind: "company" }, data } as const;
    switch (to.reach) {
      case "everyone":
        throw new ProblemError(
          "forbidden",
          "Only operators can send to everyone. Send the announcement to your company.",
        );
      case "company":
        await publisher.broadcastToCompany(companyId, event);
        return undefined;
      case "user": {
        const user = await database.withCompany(companyId, ({ users }) => users.find(to.userId));
        if (!user) throw notFound("user");
        await publisher.broadcastToUser(companyId, to.userId, event);
        return undefined;
      }
    }
  },
});
