import type { OperatorRepository } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { HandlersOf } from "../../endpoint.ts";
import type { OperatorAccounts } from "../../operator/operator-accounts.ts";

interface OperatorsDependencies {
  operators: OperatorRepository;
  accounts: OperatorAccounts;
  log: Logger;
}

export const operatorAccountRoutes = ({
  operators,
  accounts,
  log,
}: OperatorsDependencies): HandlersOf<
  "listOperators" | "createOperator" | "resetOperator" | "disableOperator" | "enableOperator"
> => ({
  listOperators: async () => ({ items: await operators.list() }),

  createOperator: async ({ body, caller: { operatorId } }) => {
    const created = await accounts.create(body);
    log.info({ operatorId, createdId: created.operator.id }, "operator created");
    return created;
  },

  resetOperator: async ({ params: { id }, caller: { operatorId } }) => {
    const reset = await accounts.reset(id);
    log.info({ operatorId, resetId: id }, "operator's password reset");
    return reset;
  },

  disableOperator: async ({ params: { id }, caller: { operatorId } }) => {
    const account = await accounts.disable(id);
    log.info({ operatorId, disabledId: id }, "operator disabled");
    return account;
  },

  enableOperator: async ({ params: { id }, caller: { operatorId } }) => {
    const account = await accounts.enable(id);
    log.info({ operatorId, enabledId: id }, "operator enabled");
    return account;
  },
});
