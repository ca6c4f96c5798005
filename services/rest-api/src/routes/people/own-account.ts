import { maxListedLogins, type OpenLogin } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";
import Bowser from "bowser";
import { auditActorOf } from "../../auth/audit-actor.ts";
import { loginEndedDetail, unauthenticated } from "../../auth/guard.ts";
import type { Passwords } from "../../auth/passwords.ts";
import type { Revoker } from "../../auth/revoker.ts";
import { toMe } from "../../auth/sign-in.ts";
import type { HandlersOf } from "../../endpoint.ts";
import { drawableTypes, maxImageBytes } from "../../media/thumbnails/limits.ts";
import { requireGoodPassword } from "../../people/password-rules.ts";
import { notFound, ProblemError } from "../../problem.ts";

interface OwnAccountDependencies {
  database: Database;
  revoker: Revoker;
  passwords: Passwords;
}
type OwnAccountHandlers = HandlersOf<"updateMe" | "changePassword" | "listLogins" | "endLogins" | "endLogin">;

/** What users change about themselves. */
export function ownAccountRoutes(dependencies: OwnAccountDependencies): OwnAccountHandlers {
  const { database, passwords, revoker } = dependencies;
  const { logins, openLogins } = database.system;

  const accountOf = async (caller: { companyId: string; userId: string }) => {
    const account = await logins.findUser(caller);
    if (!account || account.isDisabled) throw unauthenticated(loginEndedDetail);
    return account;
  };

  return {
    updateMe: async ({ body, caller, req }) => {
      const { companyId, userId } = caller;
      await database.withCompany(companyId, async (unit) => {
        unit.users.lockAll();
        const before = await unit.users.find(userId);
        if (!before) throw unauthenticated(loginEndedDetail);
        const { name, language, pictureId } = body;
        if (pictureId) await requireOwnPicture(unit, pictureId, userId);
        const after = await unit.users.update(userId, { name, language, pictureMediaId: pictureId });
        // The upkeep of uploads removes a file that nothing uses any more.
        if (before.pictureMediaId && before.pictureMediaId !== after?.pictureMediaId)
          await unit.uploads.returnFile(before.pictureMediaId, userId);
        const target = { kind: "user", id: userId } as const;
        await unit.audit.record(auditActorOf(caller, req), { action: "profile_updated", target, after: body });
      });
      return toMe(await accountOf(caller));
    },

    changePassword: async ({ body, caller, req }) => {
      const { companyId, userId, loginId } = caller;
      const account = await accountOf(caller);
      const from = account.passwordHash;
      if (from === null || !(await passwords.matches(body.current, from)))
        throw invalidField("current", "Type your current password again.", "is not your current password");
      requireGoodPassword(body.password, account);
      const to = await passwords.hash(body.password);
      const actor = auditActorOf(caller, req);
      const isChanged = await logins.changePassword({ companyId, userId, keep: loginId }, { from, to }, actor);
      if (!isChanged) throw new ProblemError("conflict", "The password was changed at the same moment. Try again.");
      await revoker.send(companyId);
      return undefined;
    },

    listLogins: async ({ caller }) => {
      const items = await openLogins.list(caller, maxListedLogins);
      return {
        items: items.map(({ id, userAgent, address, startedAt, lastSeenAt }) => ({
          id,
          isCurrent: id === caller.loginId,
          ...programOf(userAgent),
          address,
          startedAt: startedAt.toISOString(),
          lastSeenAt: lastSeenAt.toISOString(),
        })),
      };
    },

    endLogins: async ({ query, caller, req }) => {
      const { companyId, userId, loginId } = caller;
      const keep = query.keep === "current" ? loginId : undefined;
      await openLogins.endAll({ companyId, userId, keep }, auditActorOf(caller, req));
      await revoker.send(companyId);
      return undefined;
    },

    endLogin: async ({ params: { id }, caller, req }) => {
      const { companyId, userId } = caller;
      const hasEnded = await openLogins.endOne({ companyId, userId, loginId: id }, auditActorOf(caller, req));
      if (!hasEnded) throw new ProblemError("not_found", "You have no open login with this id. Reload the list.");
      await revoker.send(companyId);
      return undefined;
    },
  };
}

/** A user may show only a file that the user uploaded, not one of a chat. */
async function requireOwnPicture({ uploads, media }: CompanyUnit, mediaId: string, userId: string): Promise<void> {
  if (!(await uploads.isBy(mediaId, userId))) throw notFound("uploaded file of yours");
  const file = await media.find(mediaId);
  if (!file || !drawableTypes.has(file.mimeType) || file.size > maxImageBytes)
    throw invalidField("pictureId", "Upload a smaller picture, as JPEG, PNG or WebP.", "must be a picture");
}

const invalidField = (path: string, detail: string, message: string) =>
  new ProblemError("invalid", detail, { errors: [{ path, message }] });

function programOf(userAgent: string | null): Pick<OpenLogin, "browser" | "system"> {
  if (!userAgent) return { browser: null, system: null };
  const { browser, os } = Bowser.parse(userAgent);
  return { browser: browser.name || null, system: os.name || null };
}
