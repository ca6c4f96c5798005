import type { Database } from "@syszap/database";
import { loginEndedDetail, unauthenticated } from "../../auth/guard.ts";
import { toMe } from "../../auth/sign-in.ts";
import type { Tokens } from "../../auth/tokens.ts";
import type { HandlersOf } from "../../endpoint.ts";

export const meRoutes = (database: Database, tokens: Tokens): HandlersOf<"getMe" | "getKeySet"> => ({
  getMe: async ({ caller }) => {
    const account = await database.system.logins.findUser(caller);
    if (!account || account.isDisabled) throw unauthenticated(loginEndedDetail);
    return toMe(account);
  },

  getKeySet: async ({ res }) => {
    res.set("Cache-Control", "public, max-age=300");
    return tokens.keySet;
  },
});
