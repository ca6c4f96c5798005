import type { LoginThrottle } from "../auth/login-throttle.ts";
import { clearRefreshCookie, readRefreshCookie, setRefreshCookie } from "../auth/refresh-cookie.ts";
import type { SignedIn, SignIn } from "../auth/sign-in.ts";
import { addressOf } from "../auth/too-many-requests.ts";
import type { HandlersOf, RequestOf } from "../endpoint.ts";

type Exchange = Pick<RequestOf<"refresh">, "req" | "res">;

export const authRoutes = (signIn: SignIn, throttle: LoginThrottle): HandlersOf<"login" | "refresh" | "logout"> => ({
  login: async ({ body: { email, password }, ...exchange }) => {
    const attempt = { email, address: addressOf(exchange.req) };
    return sendTokens(exchange, await throttle.attempt(attempt, () => signIn.login(email, password)));
  },

  refresh: async ({ req, res }) => {
    return sendTokens({ req, res }, await signIn.refresh(readRefreshCookie(req)));
  },

  logout: async ({ req, res }) => {
    await signIn.logout(readRefreshCookie(req));
    clearRefreshCookie(req, res);
    // Removes the files of chats from the browser's cache on disk.
    res.set("Clear-Site-Data", '"cache"');
  },
});

function sendTokens({ req, res }: Exchange, { answer: body, refreshToken }: SignedIn) {
  setRefreshCookie(req, res, refreshToken);
  return body;
}
