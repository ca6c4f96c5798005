import { engines } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";
import { requireSession } from "./sessions.ts";

interface GroupDependencies {
  database: Database;
  publisher: Publisher;
  log: Logger;
}

/** The setting of a session, and what only chats of groups have. */
export const groupRoutes = ({
  database,
  publisher,
  log,
}: GroupDependencies): HandlersOf<"setSessionGroups" | "setChatNotices" | "listParticipants"> => ({
  setSessionGroups: async ({ params: { id: sessionId }, body: { enabled }, caller, req }) => {
    const { companyId } = caller;
    const session = await database.withCompany(companyId, async ({ sessions, outboundQueue, audit, emit }) => {
      const before = requireSession(await sessions.find(sessionId));
      if (enabled && !engines[before.engine].capabilities.groups)
        throw new ProblemError("conflict", "The engine of this session does not support groups.");
      if (before.groupsEnabled === enabled) return before;
      const changed = requireSession(await sessions.setGroups(sessionId, enabled));
      await audit.record(auditActorOf(caller, req), {
        action: "session_groups_set",
        target: { kind: "session", id: sessionId },
        before: { enabled: before.groupsEnabled },
        after: { enabled },
      });
      const unsent = enabled ? [] : await outboundQueue.failAll(sessionId, "groups_off", { onlyGroups: true });
      for (const message of unsent) emit.messageStatus(message);
      return changed;
    });
    // Repeated requests signal again, in case the first signal was lost.
    await publisher
      .command(companyId, { kind: "groups_changed", sessionId })
      .catch((err: unknown) =>
        log.warn({ err, sessionId }, "connector not notified: it reads the setting with the next renewal of its lease"),
      );
    return session;
  },

  setChatNotices: ({ params, body: { notifyAll }, caller }) =>
    database.withPerson(caller, async ({ chats, groups, emit }) => {
      const chat = await chats.find(params.id);
      if (!chat) throw notFound("chat");
      if (!chat.group) throw new ProblemError("conflict", "Only chats of groups have this setting.");
      const changed = await groups.setNotices(chat.id, notifyAll);
      if (changed) emit.chatUpdate(changed);
      return changed ?? chat;
    }),

  listParticipants: ({ params, caller }) =>
    database.withPerson(caller, async ({ chats, groups }) => {
      const chat = await chats.find(params.id);
      if (!chat) throw notFound("chat");
      return { items: await groups.participants(chat.id), next: null };
    }),
});
