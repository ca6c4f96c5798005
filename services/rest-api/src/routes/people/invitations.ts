import type { AccountLinkKind, Database, OpenAccountLink } from "@syszap/database";
import { deviceOf, personOf } from "../../auth/device.ts";
import type { Passwords } from "../../auth/passwords.ts";
import { sendTokens } from "../../auth/send-tokens.ts";
import type { SignIn } from "../../auth/sign-in.ts";
import { addressOf } from "../../auth/too-many-requests.ts";
import type { HandlersOf } from "../../endpoint.ts";
import { hashLinkToken } from "../../people/account-links.ts";
import type { PasswordResets } from "../../people/password-resets.ts";
import { requireGoodPassword } from "../../people/password-rules.ts";
import type { PeopleDependencies } from "../../people/people.ts";
import { ProblemError } from "../../problem.ts";

interface InvitationDependencies extends PeopleDependencies {
  database: Database;
  passwords: Passwords;
  signIn: SignIn;
  resets: PasswordResets;
}
type InvitationHandlers = HandlersOf<
  "readInvitation" | "acceptInvitation" | "requestPasswordReset" | "confirmPasswordReset"
>;

/** Links with which people set a password. Their tokens are the credentials. */
export function invitationRoutes(dependencies: InvitationDependencies): InvitationHandlers {
  const { database, passwords, signIn, resets, links, revoker } = dependencies;
  const { accountLinks, logins } = database.system;

  const find = async (kind: AccountLinkKind, token: string): Promise<OpenAccountLink> => {
    const link = await accountLinks.find(kind, hashLinkToken(token));
    if (!link) throw linkInvalid(kind);
    return link;
  };

  return {
    readInvitation: async ({ body }) => {
      const { companyName, email, name, language, expiresAt } = await find("invitation", body.token);
      return { companyName, email, name, language, expiresAt: expiresAt.toISOString() };
    },
    acceptInvitation: async ({ body: { token, password, name, language }, req, res }) => {
      const link = await find("invitation", token);
      requireGoodPassword(password, { email: link.email, name: name ?? link.name });
      const device = deviceOf(req);
      const accepted = { passwordHash: await passwords.hash(password), name, language };
      const isAccepted = await accountLinks.accept(link, accepted, personOf(link, device));
      const account = isAccepted ? await logins.findUser(link) : undefined;
      if (!account) throw linkInvalid("invitation");
      return sendTokens({ req, res }, await signIn.afterPassword(account, device));
    },
    requestPasswordReset: async ({ body, req }) => {
      await resets.request(body.email, addressOf(req));
      return { mail: links.sendsMail ? "on" : "off" };
    },
    confirmPasswordReset: async ({ body: { token, password }, req }) => {
      const link = await find("password_reset", token);
      requireGoodPassword(password, link);
      const actor = personOf(link, deviceOf(req));
      const isReset = await accountLinks.resetPassword(link, await passwords.hash(password), actor);
      if (!isReset) throw linkInvalid("password_reset");
      await revoker.send(link.companyId);
      return undefined;
    },
  };
}

/** The same for unknown, altered, used, replaced and expired links. */
const linkInvalid = (kind: AccountLinkKind) =>
  new ProblemError(
    "link_invalid",
    kind === "invitation"
      ? "It was used, replaced or has expired. Ask an owner or admin of your company for a new invitation."
      : "It was used, replaced or has expired. Request a new one.",
  );
