import type { OperatorCredentials, OperatorFactorRule, OperatorSecondFactors } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { FactorOwner, SecondFactorAction } from "./second-factors.ts";

export interface OperatorFactorDependencies {
  operatorSecondFactors: OperatorSecondFactors;
  rule: OperatorFactorRule;
  log: Logger;
}

/** The second factor of an operator. Operators belong to no company, so the service's log records their actions. */
export const operatorFactor = (
  { operatorSecondFactors, rule, log }: OperatorFactorDependencies,
  { operator: { id, email } }: Pick<OperatorCredentials, "operator">,
  address: string,
): FactorOwner => ({
  id,
  label: email,
  sealedFor: `operator|${id}`,
  isRequired: rule.needsSecondFactor,
  transaction: async (fn) => {
    const actions: SecondFactorAction[] = [];
    const result = await operatorSecondFactors.transaction((factors) =>
      fn({ factors, record: async (action) => void actions.push(action) }),
    );
    for (const action of actions)
      log.info({ operatorId: id, action, address }, "operator's second factor used or changed");
    return result;
  },
});
