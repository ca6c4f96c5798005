import access from "./en/access.json";
import account from "./en/account.json";
import common from "./en/common.json";
import errors from "./en/errors.json";
import login from "./en/login.json";
import secondFactor from "./en/second-factor.json";
import settings from "./en/settings.json";
import type { startPtBr } from "./start-pt-br.ts";

/** English texts of the login, which every page has. Does not compile when a key of the Portuguese texts is missing. */
export const startEn = {
  access,
  account,
  common,
  errors,
  login,
  "second-factor": secondFactor,
  settings,
} satisfies typeof startPtBr;
