import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";

export const broadcastRoutes = (database: Database, publisher: Publisher): HandlersOf<"broadcast"> => ({
  broadcast: async ({ body: { to, ...notice }, caller, req }) => {
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
        await database.withCompany(companyId, ({ audit }) =>
          audit.record(auditActorOf(caller, req), {
            action: "broadcast_sent",
            target: { kind: "company", id: companyId },
          }),
        );
        await publisher.broadcastToCompany(companyId, event);
        return undefined;
      case "user": {
        await database.withCompany(companyId, async ({ users, audit }) => {
          if (!(await users.find(to.userId))) throw notFound("user");
          const target = { kind: "user", id: to.userId } as const;
          await audit.record(auditActorOf(caller, req), { action: "broadcast_sent", target });
        });
        await publisher.broadcastToUser(companyId, to.userId, event);
        return undefined;
      }
    }
  },
});
