import access from "./pt-BR/access.json";
import account from "./pt-BR/account.json";
import checklist from "./pt-BR/checklist.json";
import clients from "./pt-BR/clients.json";
import common from "./pt-BR/common.json";
import connection from "./pt-BR/connection.json";
import dashboard from "./pt-BR/dashboard.json";
import deadLetters from "./pt-BR/dead-letters.json";
import errors from "./pt-BR/errors.json";
import inbox from "./pt-BR/inbox.json";
import linking from "./pt-BR/linking.json";
import login from "./pt-BR/login.json";
import message from "./pt-BR/message.json";
import nav from "./pt-BR/nav.json";
import notices from "./pt-BR/notices.json";
import pacing from "./pt-BR/pacing.json";
import secondFactor from "./pt-BR/second-factor.json";
import sending from "./pt-BR/sending.json";
import sessionReason from "./pt-BR/session-reason.json";
import sessions from "./pt-BR/sessions.json";
import settings from "./pt-BR/settings.json";
import webhooks from "./pt-BR/webhooks.json";

/** Brazilian Portuguese texts of the main bundle, one JSON file per i18next namespace. Defines the keys that every language must have. */
export const ptBr = {
  access,
  account,
  checklist,
  clients,
  common,
  connection,
  dashboard,
  "dead-letters": deadLetters,
  errors,
  inbox,
  linking,
  login,
  message,
  nav,
  notices,
  pacing,
  "second-factor": secondFactor,
  sending,
  "session-reason": sessionReason,
  sessions,
  settings,
  webhooks,
};
