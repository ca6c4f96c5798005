import type { SystemRepositories } from "@syszap/database";
import type { Passwords } from "../auth/passwords.ts";
import { operatorTokenLifeMs, type Tokens } from "../auth/tokens.ts";
import type { HandlersOf } from "../endpoint.ts";
import { dashboardPath, setDashboardCookie } from "../operator/dashboard-cookie.ts";
import { ProblemError } from "../problem.ts";

interface OperatorParts {
  operators: SystemRepositories["operators"];
  passwords: Passwords;
  tokens: Tokens;
}

export const operatorRoutes = ({
  operators,
  passwords,
  tokens,
}: OperatorParts): HandlersOf<"loginOperator" | "openQueueDashboard"> => ({
  /** Says and takes the same whether the address is unknown, the password wrong or the operator disabled. */
  loginOperator: async ({ body }) => {
    const found = await operators.findByEmail(body.email);
    const fits = await passwords.matches(body.password, found?.passwordHash);
    if (!found || !fits)
      throw new ProblemError("wrong_credentials", "Check both and try again, or ask another operator.");
    const accessToken = await tokens.issueOperator(found.operator.id);
    return { accessToken, expiresInSeconds: operatorTokenLifeMs / 1_000, operator: found.operator };
  },

  /** A link can't carry a token, so the page gets a cookie: of this path alone, short, and only good for reading. */
  openQueueDashboard: async ({ caller, req, res }) => {
    const ticket = await tokens.issueDashboard(caller.operatorId);
    setDashboardCookie(req, res, ticket);
    return { path: `${dashboardPath}/`, expiresAt: ticket.expiresAt.toISOString() };
  },
});
