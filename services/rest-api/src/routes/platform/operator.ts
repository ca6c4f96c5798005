import type { LoginThrottle } from "../../auth/login-throttle.ts";
import type { Tokens } from "../../auth/tokens.ts";
import { addressOf } from "../../auth/too-many-requests.ts";
import type { HandlersOf } from "../../endpoint.ts";
import { dashboardPath, setDashboardCookie } from "../../operator/dashboard-cookie.ts";
import { clearOperatorCookie, readOperatorCookie, sendOperatorTokens } from "../../operator/operator-cookie.ts";
import type { OperatorSignIn } from "../../operator/operator-sign-in.ts";

interface OperatorDependencies {
  signIn: OperatorSignIn;
  tokens: Tokens;
  throttle: LoginThrottle;
}

export const operatorRoutes = ({
  signIn,
  tokens,
  throttle,
}: OperatorDependencies): HandlersOf<
  "loginOperator" | "refreshOperator" | "logoutOperator" | "openQueueDashboard"
> => ({
  loginOperator: async ({ body, ...exchange }) => {
    const attempt = { email: body.email, address: addressOf(exchange.req) };
    return sendOperatorTokens(exchange, await throttle.attempt(attempt, () => signIn.login(body)));
  },

  refreshOperator: ({ req }) => signIn.refresh(readOperatorCookie(req)),

  logoutOperator: async ({ req, res }) => {
    await signIn.logout(readOperatorCookie(req));
    clearOperatorCookie(req, res);
    return undefined;
  },

  /** Sets a short-lived cookie for the path of the read-only dashboard, because a link cannot carry a token. */
  openQueueDashboard: async ({ caller, req, res }) => {
    const ticket = await tokens.issueDashboard(caller);
    setDashboardCookie(req, res, ticket);
    return { path: `${dashboardPath}/`, expiresAt: ticket.expiresAt.toISOString() };
  },
});
