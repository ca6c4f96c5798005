import type { ChallengeClaims, SecondFactorChallenge } from "@syszap/contracts";
import type { Account, Database } from "@syszap/database";
import type { Request } from "express";
import type { PasswordConfirmation } from "../auth/confirm-password.ts";
import { deviceOf } from "../auth/device.ts";
import { type Caller, loginEndedDetail, unauthenticated } from "../auth/guard.ts";
import { sendTokens } from "../auth/send-tokens.ts";
import type { SignIn } from "../auth/sign-in.ts";
import { addressOf } from "../auth/too-many-requests.ts";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";
import type { Challenges } from "./challenges.ts";
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
      await factors.verify(userFactor(database, account), { code, address: addressOf(exchange.req) });
      return sendTokens(exchange, await signIn.complete(account, deviceOf(exchange.req)));
    },

    startSecondFactorAtLogin: async ({ body: { challenge } }) =>
      factors.start(userFactor(database, await challenged("setup_required", challenge))),

    activateSecondFactorAtLogin: async ({ body: { challenge, code }, ...exchange }) => {
      const account = await challenged("setup_required", challenge);
      const entry = { code, address: addressOf(exchange.req) };
      const codes = await factors.activate(userFactor(database, account), entry);
      return { ...sendTokens(exchange, await signIn.complete(account, deviceOf(exchange.req))), ...codes };
    },
  };
}

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
  const confirm = ({ email, passwordHash }: Account, password: string, req: Request) =>
    passwords.confirm({ email, address: addressOf(req) }, password, passwordHash);
  return {
    getMySecondFactor: async ({ caller }) => factors.stateOf(userFactor(database, await accountOf(caller))),

    // With the password, so that a stolen access token cannot lock its owner out.
    startMySecondFactor: async ({ caller, body, req }) => {
      const account = await accountOf(caller);
      await confirm(account, body.password, req);
      return factors.start(userFactor(database, account));
    },

    activateMySecondFactor: async ({ caller, body: { code }, req }) =>
      factors.activate(userFactor(database, await accountOf(caller)), { code, address: addressOf(req) }),

    replaceMyRecoveryCodes: async ({ caller, body: { code }, req }) =>
      factors.replaceRecoveryCodes(userFactor(database, await accountOf(caller)), { code, address: addressOf(req) }),

    disableMySecondFactor: async ({ caller, body: { password, code }, req }) => {
      const account = await accountOf(caller);
      await confirm(account, password, req);
      await factors.turnOff(userFactor(database, account), { code, address: addressOf(req) });
      return undefined;
    },
  };
}

/** For colleagues who lost their device. */
export const factorResetRoutes = (database: Database): HandlersOf<"resetSecondFactor"> => ({
  resetSecondFactor: async ({ caller, params: { id } }) => {
    if (id === caller.userId)
      throw new ProblemError("conflict", "Turn off your own second factor on the page of your account.");
    await database.withCompany(caller.companyId, async ({ users, secondFactors }) => {
      const user = await users.find(id);
      if (!user) throw notFound("user");
      if (user.role === "owner" && caller.role !== "owner")
        throw new ProblemError("forbidden", "Only an owner can reset the second factor of an owner.");
      await secondFactors.remove(id);
    });
    return undefined;
  },
});
