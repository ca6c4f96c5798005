import type { ChallengeClaims, SecondFactorChallenge } from "@syszap/contracts";
import type { Account, Database } from "@syszap/database";
import type { Request } from "express";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { Challenges } from "../auth/challenges.ts";
import type { PasswordConfirmation } from "../auth/confirm-password.ts";
import { deviceOf, personOf } from "../auth/device.ts";
import { type Caller, loginEndedDetail, unauthenticated } from "../auth/guard.ts";
import { sendTokens } from "../auth/send-tokens.ts";
import type { SignIn } from "../auth/sign-in.ts";
import { addressOf } from "../auth/too-many-requests.ts";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";
import type { SecondFactors } from "./second-factors.ts";
import { userFactor } from "./user-factor.ts";

interface SecondFactorDependencies {
  database: Database;
  signIn: SignIn;
  challenges: Challenges;
  factors: SecondFactors;
  passwords: PasswordConfirmation;
}
type AtLogin = "completeLogin" | "startSecondFactorAtLogin" | "activateSecondFactorAtLogin";
type Own =
  | "getMySecondFactor"
  | "startMySecondFactor"
  | "activateMySecondFactor"
  | "replaceMyRecoveryCodes"
  | "disableMySecondFactor";

/** The second step of a sign-in. The challenge replaces the access token. */
export function loginFactorRoutes({
  database,
  signIn,
  challenges,
  factors,
}: Omit<SecondFactorDependencies, "passwords">): HandlersOf<AtLogin> {
  const challenged = (outcome: SecondFactorChallenge["secondFactor"], challenge: string) =>
    challenges.verify(outcome, challenge, (claims) =>
      findChallenged(database, claims, { hasSecondFactor: outcome === "code_required" }),
    );
  return {
    completeLogin: async ({ body: { challenge, code }, ...exchange }) => {
      const account = await challenged("code_required", challenge);
      const address = addressOf(exchange.req);
      await factors.verify(ownFactor(database, account, address), { code, address });
      return sendTokens(exchange, await signIn.complete(account, deviceOf(exchange.req)));
    },

    startSecondFactorAtLogin: async ({ body: { challenge }, req }) =>
      factors.start(ownFactor(database, await challenged("setup_required", challenge), addressOf(req))),

    activateSecondFactorAtLogin: async ({ body: { challenge, code }, ...exchange }) => {
      const account = await challenged("setup_required", challenge);
      const address = addressOf(exchange.req);
      const codes = await factors.activate(ownFactor(database, account, address), { code, address });
      return { ...sendTokens(exchange, await signIn.complete(account, deviceOf(exchange.req))), ...codes };
    },
  };
}

/** During a sign-in there is no login yet that the audit log could name. */
const ownFactor = (database: Database, account: Account, address: string) =>
  userFactor(database, account, personOf(account, { address }));

/** Undefined for a user who may not sign in any more, or whose second factor was turned on or off after the password. */
async function findChallenged(
  database: Database,
  { sub: userId, cid: companyId }: ChallengeClaims,
  { hasSecondFactor }: { hasSecondFactor: boolean },
): Promise<Account | undefined> {
  const account = companyId && (await database.system.logins.findUser({ companyId, userId }));
  if (!account || account.isDisabled || account.isCompanySuspended) return undefined;
  return account.hasSecondFactor === hasSecondFactor ? account : undefined;
}

/** The second factor of the signed-in user. */
export function ownFactorRoutes({
  database,
  factors,
  passwords,
}: Pick<SecondFactorDependencies, "database" | "factors" | "passwords">): HandlersOf<Own> {
  const accountOf = async (caller: Caller): Promise<Account> => {
    const account = await database.system.logins.findUser(caller);
    if (!account) throw unauthenticated(loginEndedDetail);
    return account;
  };
  const factorOf = async (caller: Caller, req: Request) =>
    userFactor(database, await accountOf(caller), auditActorOf(caller, req));
  const confirm = ({ email, passwordHash }: Account, password: string, req: Request) =>
    passwords.confirm({ email, address: addressOf(req) }, password, passwordHash);
  return {
    getMySecondFactor: async ({ caller, req }) => factors.stateOf(await factorOf(caller, req)),

    // With the password, so that a stolen access token cannot lock its owner out.
    startMySecondFactor: async ({ caller, body, req }) => {
      const account = await accountOf(caller);
      await confirm(account, body.password, req);
      return factors.start(userFactor(database, account, auditActorOf(caller, req)));
    },

    activateMySecondFactor: async ({ caller, body: { code }, req }) =>
      factors.activate(await factorOf(caller, req), { code, address: addressOf(req) }),

    replaceMyRecoveryCodes: async ({ caller, body: { code }, req }) =>
      factors.replaceRecoveryCodes(await factorOf(caller, req), { code, address: addressOf(req) }),

    disableMySecondFactor: async ({ caller, body: { password, code }, req }) => {
      const account = await accountOf(caller);
      await confirm(account, password, req);
      await factors.turnOff(userFactor(database, account, auditActorOf(caller, req)), {
        code,
        address: addressOf(req),
      });
      return undefined;
    },
  };
}

/** For colleagues who lost their device. */
export const factorResetRoutes = (database: Database): HandlersOf<"resetSecondFactor"> => ({
  resetSecondFactor: async ({ caller, params: { id }, req }) => {
    if (id === caller.userId)
      throw new ProblemError("conflict", "Turn off your own second factor on the page of your account.");
    await database.withCompany(caller.companyId, async ({ users, secondFactors, audit }) => {
      const user = await users.find(id);
      if (!user) throw notFound("user");
      if (user.role === "owner" && caller.role !== "owner")
        throw new ProblemError("forbidden", "Only an owner can reset the second factor of an owner.");
      if (!(await secondFactors.remove(id))) return;
      const target = { kind: "user", id } as const;
      await audit.record(auditActorOf(caller, req), { action: "second_factor_disabled", target });
    });
    return undefined;
  },
});
