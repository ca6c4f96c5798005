import type { SystemRepositories } from "@syszap/database";
import type { LoginThrottle } from "../auth/login-throttle.ts";
import type { Passwords } from "../auth/passwords.ts";
import { operatorTokenLifeMs, type Tokens } from "../auth/tokens.ts";
import { addressOf } from "../auth/too-many-requests.ts";
import type { HandlersOf } from "../endpoint.ts";
import { dashboardPath, setDashboardCookie } from "../operator/dashboard-cookie.ts";
import { ProblemError } from "../problem.ts";

interface OperatorDependencies {
  operators: SystemRepositories["operators"];
  passwords: Passwords;
  tokens: Tokens;
  throttle: LoginThrottle;
}

export const operatorRoutes = ({
  operators,
  passwords,
  tokens,
  throttle,
}: OperatorDependencies): HandlersOf<"loginOperator" | "openQueueDashboard"> => ({
  /** Response and duration do not reveal whether the address is unknown, the password wrong or the operator disabled. */
  loginOperator: async ({ body: { email, password }, req }) => {
    const operator = await throttle.attempt({ email, address: addressOf(req) }, async () => {
      const found = await operators.findByEmail(email);
      const isMatch = await passwords.matches(password, found?.passwordHash);
      if (found && isMatch) return found.operator;
      throw new ProblemError(
        "wrong_credentials",
        "Check the e-mail address and password and try again, or ask another operator.",
      );
    });
    const accessToken = await tokens.issueOperator(operator.id);
    return { accessToken, expiresInSeconds: operatorTokenLifeMs / 1_000, operator };
  },

  /** Sets a short-lived cookie for the path of the read-only dashboard, because a link cannot carry a token. */
  openQueueDashboard: async ({ caller, req, res }) => {
    const ticket = await tokens.issueDashboard(caller.operatorId);
    setDashboardCookie(req, res, ticket);
    return { path: `${dashboardPath}/`, expiresAt: ticket.expiresAt.toISOString() };
  },
});
