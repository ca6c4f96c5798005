import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { LoginAnswer, LoginRequest } from "../requests.ts";
import { KeySet, Me } from "../resources.ts";

export const signInRoutes = {
  login: {
    ...endpoints.login,
    tag: "Signing in",
    summary: "Sign in with e-mail and password",
    caller: "anyone",
    body: LoginRequest,
    answer: {
      status: 200,
      description: "An access token of ten minutes; the refresh token comes as an httpOnly cookie.",
      body: LoginAnswer,
    },
    problems: [401, 403, 429],
  },
  refresh: {
    ...endpoints.refresh,
    tag: "Signing in",
    summary: "Get a new access token, and a new refresh cookie in place of the one sent",
    caller: "refresh_cookie",
    answer: {
      status: 200,
      description: "As after login. A refresh token works once: using it again ends the whole login.",
      body: LoginAnswer,
    },
    problems: [429],
  },
  logout: {
    ...endpoints.logout,
    tag: "Signing in",
    summary: "End this login; its open sockets are closed",
    caller: "refresh_cookie",
    answer: { status: 204, description: "Signed out. Also when the login had ended before." },
  },
  getMe: {
    ...endpoints.getMe,
    tag: "Signing in",
    summary: "The signed-in person",
    caller: "member",
    answer: { status: 200, description: "Who you are, and of which company.", body: Me },
  },
  getKeySet: {
    ...endpoints.getKeySet,
    tag: "Signing in",
    summary: "Public keys that verify access tokens and tickets",
    caller: "anyone",
    answer: { status: 200, description: "A JSON Web Key Set.", body: KeySet },
  },
} as const satisfies Record<string, RouteDefinition>;
