import type { SystemRepositories } from "@syszap/database";
import type { Passwords } from "../auth/passwords.ts";
import { operatorTokenLifeMs, type Tokens } from "../auth/tokens.ts";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";

interface OperatorParts {
  operators: SystemRepositories["operators"];
  passwords: Passwords;
  tokens: Tokens;
}

export const operatorRoutes = ({ operators, passwords, tokens }: OperatorParts): HandlersOf<"loginOperator"> => ({
  /** Says and takes the same whether the address is unknown, the password wrong or the operator disabled. */
  loginOperator: async ({ body }) => {
    const found = await operators.findByEmail(body.email);
    const fits = await passwords.matches(body.password, found?.passwordHash);
    if (!found || !fits)
      throw new ProblemError("wrong_credentials", "Check both and try again, or ask another operator.");
    const accessToken = await tokens.issueOperator(found.operator.id);
    return { accessToken, expiresInSeconds: operatorTokenLifeMs / 1_000, operator: found.operator };
  },
});
