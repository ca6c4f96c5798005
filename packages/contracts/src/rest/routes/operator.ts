import type { RouteDefinition } from "../define-route.ts";
import { LoginRequest, OperatorLoginAnswer } from "../requests.ts";

export const operatorRoutes = {
  loginOperator: {
    method: "post",
    path: "/v1/operator/login",
    tag: "Operators",
    summary: "Sign in as somebody who runs the platform",
    caller: "anyone",
    body: LoginRequest,
    answer: {
      status: 200,
      description: "A token of one hour that no company's page accepts.",
      body: OperatorLoginAnswer,
    },
    problems: [401, 403, 429],
  },
} as const satisfies Record<string, RouteDefinition>;
