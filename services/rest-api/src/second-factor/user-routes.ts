import type { Account, Database } from "@syszap/database";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { Challenges } from "../auth/challenges.ts";
import type { PasswordConfirmation } from "../auth/confirm-password.ts";
import { deviceOf, personOf } from "../auth/device.ts";
import { type Caller, loginEndedDetail, unauthenticated } from "../auth/guard.ts";
import { sendTokens } from "../auth/send-tokens.ts";
import type { SignIn } from "../auth/sign-in.ts";
import { addressOf } from "../auth/too-many-requests.ts";
import type { HandlersOf } from "../endpoint.ts";
import { LoginStep } from "./login-step.ts";
import { ownFactorHandlers } from "./own-factor.ts";
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

/** The second step of a user's sign-in. */
export function loginFactorRoutes({
  database,
  signIn,
  challenges,
  factors,
}: Omit<SecondFactorDependencies, "passwords">): HandlersOf<AtLogin> {
  const step = new LoginStep<Account>({
    challenges,
    factors,
    find: async ({ sub: userId, cid: companyId }) => {
      const account = companyId && (await database.system.logins.findUser({ companyId, userId }));
      return account && !account.isDisabled && !account.isCompanySuspended ? account : undefined;
    },
    // During a sign-in there is no login yet that the audit log could name.
    ownerOf: (account, address) => userFactor(database, account, personOf(account, { address })),
  });
  return {
    completeLogin: async ({ body, ...exchange }) => {
      const account = await step.complete({ ...body, address: addressOf(exchange.req) });
      return sendTokens(exchange, await signIn.complete(account, deviceOf(exchange.req)));
    },
    startSecondFactorAtLogin: ({ body, req }) => step.start({ ...body, address: addressOf(req) }),
    activateSecondFactorAtLogin: async ({ body, ...exchange }) => {
      const { account, codes } = await step.activate({ ...body, address: addressOf(exchange.req) });
      return { ...sendTokens(exchange, await signIn.complete(account, deviceOf(exchange.req))), ...codes };
    },
  };
}

/** The second factor of the signed-in user. */
export function ownFactorRoutes({
  database,
  factors,
  passwords,
}: Pick<SecondFactorDependencies, "database" | "factors" | "passwords">): HandlersOf<Own> {
  const own = ownFactorHandlers<Caller>({
    factors,
    passwords,
    accountOf: async (caller, req) => {
      const account = await database.system.logins.findUser(caller);
      if (!account) throw unauthenticated(loginEndedDetail);
      return { ...account, factor: userFactor(database, account, auditActorOf(caller, req)) };
    },
  });
  return {
    getMySecondFactor: own.state,
    startMySecondFactor: own.start,
    activateMySecondFactor: own.activate,
    replaceMyRecoveryCodes: own.replaceRecoveryCodes,
    disableMySecondFactor: own.turnOff,
  };
}
