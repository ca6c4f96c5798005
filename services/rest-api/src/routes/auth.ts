import type { BlockedSignIns } from "../auth/blocked-sign-ins.ts";
import { deviceOf } from "../auth/device.ts";
import type { LoginThrottle } from "../auth/login-throttle.ts";
import { clearRefreshCookie, readRefreshCookie } from "../auth/refresh-cookie.ts";
import { sendTokens } from "../auth/send-tokens.ts";
import type { SignIn } from "../auth/sign-in.ts";
import { addressOf } from "../auth/too-many-requests.ts";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";

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
