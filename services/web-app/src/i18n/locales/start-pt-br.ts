import access from "./pt-BR/access.json";
import account from "./pt-BR/account.json";
import common from "./pt-BR/common.json";
import errors from "./pt-BR/errors.json";
import login from "./pt-BR/login.json";
import secondFactor from "./pt-BR/second-factor.json";
import settings from "./pt-BR/settings.json";

/** Brazilian Portuguese texts of the login, which every page has. Defines the keys that every language must have. */
export const startPtBr = {
  access,
  account,
  common,
  errors,
  login,
  "second-factor": secondFactor,
  settings,
};
