import type { OperatorCredentials, OperatorRepository } from "@syszap/database";
import type { Challenges } from "../auth/challenges.ts";
import type { PasswordConfirmation } from "../auth/confirm-password.ts";
import { loginEndedDetail, type OperatorCaller, unauthenticated } from "../auth/guard.ts";
import { addressOf } from "../auth/too-many-requests.ts";
import type { HandlersOf } from "../endpoint.ts";
import type { OperatorAccounts } from "../operator/operator-accounts.ts";
import { sendOperatorTokens } from "../operator/operator-cookie.ts";
import type { OperatorSignIn } from "../operator/operator-sign-in.ts";
import { ProblemError } from "../problem.ts";
import { LoginStep } from "./login-step.ts";
import { type OperatorFactorDependencies, operatorFactor } from "./operator-factor.ts";
import { ownFactorHandlers } from "./own-factor.ts";
import type { SecondFactors } from "./second-factors.ts";

interface OperatorRoutesDependencies extends OperatorFactorDependencies {
  operators: OperatorRepository;
  accounts: OperatorAccounts;
  signIn: OperatorSignIn;
  challenges: Challenges;
  factors: SecondFactors;
  passwords: PasswordConfirmation;
}
type OperatorFactorHandlers = HandlersOf<
  | "completeOperatorLogin"
  | "startOperatorFactorAtLogin"
  | "activateOperatorFactorAtLogin"
  | "getMyOperatorFactor"
  | "startMyOperatorFactor"
  | "activateMyOperatorFactor"
  | "replaceMyOperatorRecoveryCodes"
  | "disableMyOperatorFactor"
  | "resetOperatorFactor"
>;

/** The second factor of operators: the second step of their sign-in, their own one, and those of colleagues. */
export function operatorFactorRoutes(dependencies: OperatorRoutesDependencies): OperatorFactorHandlers {
  const { operators, accounts, signIn, challenges, factors, passwords, log } = dependencies;
  const step = new LoginStep<OperatorCredentials>({
    challenges,
    factors,
    find: ({ sub }) => operators.find(sub),
    ownerOf: (account, address) => operatorFactor(dependencies, account, address),
  });
  const own = ownFactorHandlers<OperatorCaller>({
    factors,
    passwords,
    accountOf: async ({ operatorId }, req) => {
      const account = await operators.find(operatorId);
      if (!account) throw unauthenticated(loginEndedDetail);
      const { operator, passwordHash } = account;
      return { email: operator.email, passwordHash, factor: operatorFactor(dependencies, account, addressOf(req)) };
    },
  });
  return {
    completeOperatorLogin: async ({ body, ...exchange }) => {
      const account = await step.complete({ ...body, address: addressOf(exchange.req) });
      return sendOperatorTokens(exchange, await signIn.complete(account));
    },
    startOperatorFactorAtLogin: ({ body, req }) => step.start({ ...body, address: addressOf(req) }),
    activateOperatorFactorAtLogin: async ({ body, ...exchange }) => {
      const { account, codes } = await step.activate({ ...body, address: addressOf(exchange.req) });
      return { ...sendOperatorTokens(exchange, await signIn.complete(account)), ...codes };
    },
    getMyOperatorFactor: own.state,
    startMyOperatorFactor: own.start,
    activateMyOperatorFactor: own.activate,
    replaceMyOperatorRecoveryCodes: own.replaceRecoveryCodes,
    disableMyOperatorFactor: own.turnOff,
    resetOperatorFactor: async ({ params: { id }, caller: { operatorId } }) => {
      if (id === operatorId)
        throw new ProblemError("conflict", "Turn off your own second factor on the page of your account.");
      await accounts.resetSecondFactor(id);
      log.info({ operatorId, resetId: id }, "operator's second factor reset");
      return undefined;
    },
  };
}
