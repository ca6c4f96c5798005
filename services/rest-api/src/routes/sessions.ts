import type { EngineName, Session, SessionDetail } from "@syszap/contracts";
import type { AuditRecord, CompanyUnit, Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import type { Request } from "express";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { Caller } from "../auth/guard.ts";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";

interface SessionDependencies {
  database: Database;
  publisher: Publisher;
  defaultEngine: EngineName;
  log: Logger;
}
type Scope = { params: { id: string }; caller: Caller; req: Request };

type SessionChange = Pick<AuditRecord, "action" | "before" | "after">;

const maxSessions = 100;
/** In these states the connector owns the session but waits for a user's action. */
const waitsForUser: ReadonlySet<SessionDetail> = new Set([
  "qr_expired",
  "action_required",
  "conflict",
  "logged_out",
  "failed",
]);

export function sessionRoutes(
  dependencies: SessionDependencies,
): HandlersOf<
  | "listSessions"
  | "createSession"
  | "getSession"
  | "removeSession"
  | "connectSession"
  | "disconnectSession"
  | "logoutSession"
> {
  const { database, publisher, defaultEngine, log } = dependencies;
  const { find, setDesiredState } = stateOf(database);

  /** Makes connectors read the sessions table at once. Without this signal they read it later. */
  const wake = () =>
    publisher.wake().catch((err: unknown) => log.warn({ err }, "could not wake the connectors: they poll later"));

  return {
    listSessions: async ({ caller }) => ({
      items: await database.withCompany(caller.companyId, ({ sessions }) => sessions.list()),
      next: null,
    }),

    createSession: async ({ body, ...scope }) =>
      database.withCompany(scope.caller.companyId, async (unit) => {
        const { sessions } = unit;
        if ((await sessions.list()).length >= maxSessions)
          throw new ProblemError("conflict", `A company can have at most ${maxSessions} sessions. Remove one first.`);
        const created = await sessions.create({ name: body.name, engine: body.engine ?? defaultEngine });
        const { name, engine } = created;
        await record(unit, scope, created.id, { action: "session_created", after: { name, engine } });
        return created;
      }),

    getSession: ({ params, caller }) =>
      database.withCompany(caller.companyId, async ({ sessions }) =>
        requireSession(await sessions.findDetails(params.id)),
      ),

    removeSession: async (scope) => {
      const { companyId } = scope.caller;
      const session = await find(scope);
      // Sent before the session is removed: afterwards no connector could unlink the phone.
      if (session.status !== "disconnected")
        await publisher.command(companyId, { kind: "log_out", sessionId: session.id });
      await setDesiredState(scope, "stopped", { action: "session_removed", before: { name: session.name } });
      await database.withCompany(companyId, (unit) => removeSession(unit, session.id));
      await wake();
    },

    connectSession: async (scope) => {
      const { companyId } = scope.caller;
      const { phoneNumber } = scope.body;
      await database.withCompany(companyId, (unit) => choosePhone(unit, scope.params.id, phoneNumber));
      const session = await setDesiredState(scope, "running", { action: "session_connected" });
      await wake();
      const { id: sessionId } = session;
      if (waitsForUser.has(session.detail)) await publisher.command(companyId, { kind: "new_qr", sessionId });
      else if (session.detail === "qr") await publisher.command(companyId, { kind: "pair_by_phone", sessionId });
      return session;
    },

    disconnectSession: async (scope) => {
      const session = await setDesiredState(scope, "stopped", { action: "session_disconnected" });
      await wake();
      return session;
    },

    logoutSession: async (scope) => {
      const session = await find(scope);
      if (session.status === "disconnected")
        throw new ProblemError("conflict", "Only a running session can unlink its phone. Connect it first.");
      const { companyId } = scope.caller;
      await database.withCompany(companyId, (unit) =>
        record(unit, scope, session.id, { action: "session_logged_out" }),
      );
      await publisher.command(companyId, { kind: "log_out", sessionId: session.id });
      return session;
    },
  };
}

function stateOf(database: Database) {
  const find = ({ params, caller }: Scope) =>
    database.withCompany(caller.companyId, async ({ sessions }) => requireSession(await sessions.find(params.id)));

  const setDesiredState = (scope: Scope, state: "running" | "stopped", change: SessionChange) =>
    database.withCompany(scope.caller.companyId, async (unit) => {
      const { sessions, emit } = unit;
      const session = requireSession(await sessions.setDesiredState(scope.params.id, state));
      await record(unit, scope, session.id, change);
      if (state === "stopped") emit.sessionStatus(session);
      return session;
    });

  return { find, setDesiredState };
}

const record = ({ audit }: CompanyUnit, { caller, req }: Omit<Scope, "params">, id: string, change: SessionChange) =>
  audit.record(auditActorOf(caller, req), { ...change, target: { kind: "session", id } });

/** The error reveals nothing about the other session of the number, which may belong to another company. */
async function choosePhone({ sessions }: CompanyUnit, sessionId: string, phoneNumber: string | undefined) {
  if (phoneNumber !== undefined && (await sessions.isNumberInUse(phoneNumber, sessionId)))
    throw new ProblemError(
      "number_in_use",
      "A number can be linked to one session only. Log it out of its current session, then link it here.",
    );
  await sessions.setPairingNumber(sessionId, phoneNumber ?? null);
}

/** Removes the session and fails its queued messages. Chats and messages are kept. */
async function removeSession(
  { sessions, sessionProxies, outboundQueue, pacing, emit }: CompanyUnit,
  sessionId: string,
): Promise<void> {
  await sessions.remove(sessionId);
  await pacing.delete(sessionId);
  await sessionProxies.delete(sessionId);
  const unsent = await outboundQueue.failAll(sessionId, "the session was removed");
  for (const message of unsent) emit.messageStatus(message);
}

export function requireSession<Found extends Session>(session: Found | undefined): Found {
  if (!session) throw notFound("session");
  return session;
}
