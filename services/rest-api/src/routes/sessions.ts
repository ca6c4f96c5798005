import type { EngineName, Session, SessionDetail } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";

interface SessionParts {
  database: Database;
  publisher: Publisher;
  defaultEngine: EngineName;
  log: Logger;
}
type Scope = { params: { id: string }; caller: { companyId: string } };

const maxSessions = 100;
/** Its owner holds the session but does nothing until somebody asks again. */
const waitsForSomebody: ReadonlySet<SessionDetail> = new Set([
  ...(["qr_expired", "action_required", "conflict", "logged_out", "failed"] as const),
]);

export function sessionRoutes(
  parts: SessionParts,
): HandlersOf<
  | ("listSessions" | "createSession" | "getSession" | "removeSession")
  | ("connectSession" | "disconnectSession" | "logoutSession")
> {
  const { database, publisher, defaultEngine } = parts;

  const find = ({ params, caller }: Scope) =>
    database.withCompany(caller.companyId, async ({ sessions }) => known(await sessions.find(params.id)));

  const setDesiredState = ({ params, caller }: Scope, state: "running" | "stopped") =>
    database.withCompany(caller.companyId, async ({ sessions, emit }) => {
      const session = known(await sessions.setDesiredState(params.id, state));
      if (state === "stopped") emit.sessionStatus(session);
      return session;
    });

  /** Says nothing about a number's other session: it may be another company's. */
  const choosePhone = ({ params, caller }: Scope, phoneNumber: string | undefined) =>
    database.withCompany(caller.companyId, async ({ sessions }) => {
      if (phoneNumber !== undefined && (await sessions.isNumberInUse(phoneNumber, params.id)))
        throw new ProblemError(
          "number_in_use",
          "A number lives in one session. Log it out where it is connected now, then link it here.",
        );
      await sessions.setPairingNumber(params.id, phoneNumber ?? null);
    });

  /** Connectors look at the table by themselves, only later. */
  const wake = () =>
    publisher.wake().catch((err: unknown) => parts.log.warn({ err }, "connectors could not be woken: they look later"));

  return {
    listSessions: async ({ caller }) => ({
      items: await database.withCompany(caller.companyId, ({ sessions }) => sessions.list()),
      next: null,
    }),

    createSession: async ({ body, caller }) =>
      database.withCompany(caller.companyId, async ({ sessions }) => {
        if ((await sessions.list()).length >= maxSessions)
          throw new ProblemError("conflict", `A company has at most ${maxSessions} sessions. Remove one first.`);
        return sessions.create({ name: body.name, engine: body.engine ?? defaultEngine });
      }),

    getSession: ({ params, caller }) =>
      database.withCompany(caller.companyId, async ({ sessions }) => known(await sessions.findDetails(params.id))),

    removeSession: async (scope) => {
      const { companyId } = scope.caller;
      const session = await find(scope);
      // While its owner can still hear it: afterwards nobody could unlink the phone.
      if (session.status !== "disconnected")
        await publisher.command(companyId, { kind: "log_out", sessionId: session.id });
      await setDesiredState(scope, "stopped");
      await database.withCompany(companyId, (unit) => retire(unit, session.id));
      await wake();
    },

    connectSession: async (scope) => {
      const { companyId } = scope.caller;
      const { phoneNumber } = scope.body;
      await choosePhone(scope, phoneNumber);
      const session = await setDesiredState(scope, "running");
      await wake();
      const { id: sessionId } = session;
      if (waitsForSomebody.has(session.detail)) await publisher.command(companyId, { kind: "new_qr", sessionId });
      else if (session.detail === "qr") await publisher.command(companyId, { kind: "pair_by_phone", sessionId });
      return session;
    },

    disconnectSession: async (scope) => {
      const session = await setDesiredState(scope, "stopped");
      await wake();
      return session;
    },

    logoutSession: async (scope) => {
      const session = await find(scope);
      if (session.status === "disconnected")
        throw new ProblemError("conflict", "Only a running session can unlink its phone. Connect it first.");
      await publisher.command(scope.caller.companyId, { kind: "log_out", sessionId: session.id });
      return session;
    },
  };
}

/** What waited in it fails; its chats and messages stay. */
async function retire({ sessions, outboundQueue, pacing, emit }: CompanyUnit, sessionId: string): Promise<void> {
  await sessions.remove(sessionId);
  await pacing.delete(sessionId);
  const unsent = await outboundQueue.failAll(sessionId, "the session was removed");
  for (const message of unsent) emit.messageStatus(message);
}

export function known<Found extends Session>(session: Found | undefined): Found {
  if (!session) throw notFound("session");
  return session;
}
