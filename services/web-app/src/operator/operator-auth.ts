import type { Operator, OperatorLoginAnswer, SecondFactorChallenge } from "@syszap/contracts";
import { TokenAuth } from "../api/token-auth.ts";

/** The login of an operator, which ends after one working day. */
export class OperatorAuth extends TokenAuth<OperatorLoginAnswer, { operator: Operator }> {
  constructor() {
    super({
      name: "syszap-operator",
      operations: {
        completeLogin: "completeOperatorLogin",
        startSetup: "startOperatorFactorAtLogin",
        activateSetup: "activateOperatorFactorAtLogin",
        refresh: "refreshOperator",
        logout: "logoutOperator",
      },
      personOf: ({ operator }) => ({ operator }),
    });
  }

  /** `newPassword` replaces a one-time password. */
  logIn(email: string, password: string, newPassword?: string): Promise<SecondFactorChallenge | undefined> {
    return this.enter("loginOperator", { email, password, ...(newPassword !== undefined && { newPassword }) });
  }
}
