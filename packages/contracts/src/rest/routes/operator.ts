import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { LoginRequest, OperatorLoginAnswer } from "../requests.ts";

export const operatorRoutes = {
  loginOperator: {
    ...endpoints.loginOperator,
    tag: "Operators",
    summary: "Sign in as an operator of the platform",
    caller: "anyone",
    body: LoginRequest,
    answer: {
      status: 200,
      description: "An access token, valid for one hour, for operator endpoints only.",
      body: OperatorLoginAnswer,
    },
    problems: [401, 403, 429],
  },
} as const satisfies Record<string, RouteDefinition>;
