import { clearRefreshCookie, readRefreshCookie, setRefreshCookie } from "../auth/refresh-cookie.ts";
import type { SignedIn, SignIn } from "../auth/sign-in.ts";
import type { HandlersOf, RequestOf } from "../endpoint.ts";

type Exchange = Pick<RequestOf<"refresh">, "req" | "res">;

export const authRoutes = (signIn: SignIn): HandlersOf<"login" | "refresh" | "logout"> => ({
  login: async ({ body, ...exchange }) => sendTokens(exchange, await signIn.login(body.email, body.password)),

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
