import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import {
  CreateOperatorRequest,
  OneTimePassword,
  OperatorAccount,
  OperatorList,
  OperatorLoginAnswer,
  OperatorLoginOutcome,
  OperatorLoginRequest,
} from "../operators.ts";

const ById = z.object({ id: z.uuid() });
const ofPlatform = { tag: "Operators", caller: "operator" } as const;

export const operatorRoutes = {
  loginOperator: {
    ...endpoints.loginOperator,
    tag: "Operators",
    summary: "Sign in as an operator of the platform",
    caller: "anyone",
    body: OperatorLoginRequest,
    answer: {
      status: 200,
      description:
        "An access token, valid for one hour, for operator endpoints only. A cookie continues the login for twelve hours. A one-time password is accepted only together with `newPassword`. Operators with a second factor, and in production those without one, receive a challenge for the next request.",
      body: OperatorLoginOutcome,
    },
    problems: [401, 403, 429],
  },
  refreshOperator: {
    ...endpoints.refreshOperator,
    tag: "Operators",
    summary: "Get a new access token with the cookie of the login",
    caller: "operator_cookie",
    answer: { status: 200, description: "As for `loginOperator`.", body: OperatorLoginAnswer },
    problems: [429],
  },
  logoutOperator: {
    ...endpoints.logoutOperator,
    tag: "Operators",
    summary: "Sign out; the login's access tokens end at once",
    caller: "operator_cookie",
    answer: { status: 204, description: "The login has ended." },
  },
  listOperators: {
    ...endpoints.listOperators,
    ...ofPlatform,
    summary: "List the operators",
    answer: { status: 200, description: "All operators, oldest first.", body: OperatorList },
  },
  createOperator: {
    ...endpoints.createOperator,
    ...ofPlatform,
    summary: "Create an operator with a one-time password",
    body: CreateOperatorRequest,
    answer: { status: 201, description: "The operator and the one-time password.", body: OneTimePassword },
    problems: [409],
  },
  resetOperator: {
    ...endpoints.resetOperator,
    ...ofPlatform,
    summary: "Replace an operator's password by a one-time password and end the operator's logins",
    params: ById,
    answer: { status: 200, description: "The operator and the one-time password.", body: OneTimePassword },
    problems: [409],
  },
  disableOperator: {
    ...endpoints.disableOperator,
    ...ofPlatform,
    summary: "Disable an operator and end the operator's logins",
    params: ById,
    answer: { status: 200, description: "The operator.", body: OperatorAccount },
    problems: [409],
  },
  enableOperator: {
    ...endpoints.enableOperator,
    ...ofPlatform,
    summary: "Enable a disabled operator",
    params: ById,
    answer: { status: 200, description: "The operator.", body: OperatorAccount },
    problems: [409],
  },
} as const satisfies Record<string, RouteDefinition>;
