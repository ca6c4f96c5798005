import type { BlockedSignIns } from "../auth/blocked-sign-ins.ts";
import { deviceOf } from "../auth/device.ts";
import type { LoginThrottle } from "../auth/login-throttle.ts";
import { clearRefreshCookie, readRefreshCookie, setRefreshCookie } from "../auth/refresh-cookie.ts";
import type { SignedIn, SignIn } from "../auth/sign-in.ts";
import { addressOf } from "../auth/too-many-requests.ts";
import type { HandlersOf, RequestOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";

type Exchange = Pick<RequestOf<"refresh">, "req" | "res">;

export const authRoutes = (
  signIn: SignIn,
  throttle: LoginThrottle,
  blocked: BlockedSignIns,
): HandlersOf<"login" | "refresh" | "logout"> => ({
  login: async ({ body: { email, password }, ...exchange }) => {
    const attempt = { email, address: addressOf(exchange.req) };
    try {
      const verify = () => signIn.login(email, password, deviceOf(exchange.req));
      return sendTokens(exchange, await throttle.attempt(attempt, verify));
    } catch (error) {
      if (error instanceof ProblemError && error.problem === "too_many") blocked.note(attempt);
      throw error;
    }
  },

  refresh: async ({ req, res }) => {
    return sendTokens({ req, res }, await signIn.refresh(readRefreshCookie(req), deviceOf(req)));
  },

  logout: async ({ req, res }) => {
    await signIn.logout(readRefreshCookie(req), deviceOf(req));
    clearRefreshCookie(req, res);
    // Removes the files of chats from the browser's cache on disk.
    res.set("Clear-Site-Data", '"cache"');
  },
});

/** Sets the refresh cookie and returns the response body. */
export function sendTokens({ req, res }: Exchange, { answer: body, refreshToken }: SignedIn) {
  setRefreshCookie(req, res, refreshToken);
  return body;
}
