import type { Config } from "../config.ts";
import { AccountLinks } from "./account-links.ts";

type AccountConfig = Pick<Config, "TOKEN_SIGNING_KEY" | "ALLOWED_ORIGINS">;

/** The links of accounts as configured. Also used by the command line. */
export const accountLinksOf = (config: AccountConfig): AccountLinks =>
  new AccountLinks({
    signingKey: config.TOKEN_SIGNING_KEY,
    publicUrl: config.ALLOWED_ORIGINS[0] ?? "",
    sendsMail: false,
  });
