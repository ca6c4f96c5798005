import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { LoginAnswer, LoginRequest } from "../requests.ts";
import { KeySet, Me } from "../resources.ts";
import { LoginOutcome } from "../second-factor.ts";

export const signInRoutes = {
  login: {
    ...endpoints.login,
    tag: "Signing in",
    summary: "Sign in with email and password",
    caller: "anyone",
    body: LoginRequest,
    answer: {
      status: 200,
      description:
        "An access token, valid for ten minutes; the refresh token is set as an httpOnly cookie. Or, for users with a second factor or who must have one, a challenge for the next request, valid for five minutes.",
      body: LoginOutcome,
    },
    problems: [401, 403, 429],
  },
  refresh: {
    ...endpoints.refresh,
    tag: "Signing in",
    summary: "Get a new access token and replace the refresh cookie",
    caller: "refresh_cookie",
    answer: {
      status: 200,
      description:
        "As for `login`. If the response is lost, send the same cookie again. Once a successor of a refresh token was used, presenting that token or another of its successors ends the login.",
      body: LoginAnswer,
    },
    problems: [429],
  },
  logout: {
    ...endpoints.logout,
    tag: "Signing in",
    summary: "Sign out and close the WebSockets of this login",
    caller: "refresh_cookie",
    answer: { status: 204, description: "The login has ended." },
  },
  getMe: {
    ...endpoints.getMe,
    tag: "Signing in",
    summary: "Get the signed-in user",
    caller: "member",
    answer: { status: 200, description: "The user and company.", body: Me },
  },
  getKeySet: {
    ...endpoints.getKeySet,
    tag: "Signing in",
    summary: "Get the public keys that verify access tokens and tickets",
    caller: "anyone",
    answer: { status: 200, description: "A JSON Web Key Set.", body: KeySet },
  },
} as const satisfies Record<string, RouteDefinition>;
