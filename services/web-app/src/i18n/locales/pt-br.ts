import access from "./pt-BR/access.json";
import account from "./pt-BR/account.json";
import apiKeys from "./pt-BR/api-keys.json";
import audit from "./pt-BR/audit.json";
import checklist from "./pt-BR/checklist.json";
import clients from "./pt-BR/clients.json";
import common from "./pt-BR/common.json";
import connection from "./pt-BR/connection.json";
import consumers from "./pt-BR/consumers.json";
import dashboard from "./pt-BR/dashboard.json";
import deadLetters from "./pt-BR/dead-letters.json";
import errors from "./pt-BR/errors.json";
import inbox from "./pt-BR/inbox.json";
import linking from "./pt-BR/linking.json";
import login from "./pt-BR/login.json";
import message from "./pt-BR/message.json";
import nav from "./pt-BR/nav.json";
import notices from "./pt-BR/notices.json";
import operator from "./pt-BR/operator.json";
import pacing from "./pt-BR/pacing.json";
import people from "./pt-BR/people.json";
import secondFactor from "./pt-BR/second-factor.json";
import sending from "./pt-BR/sending.json";
import sessionReason from "./pt-BR/session-reason.json";
import sessions from "./pt-BR/sessions.json";
import settings from "./pt-BR/settings.json";
import teams from "./pt-BR/teams.json";
import webhooks from "./pt-BR/webhooks.json";

/** Brazilian Portuguese, one JSON file per i18next namespace. Defines the keys that every language must have. */
export const ptBr = {
  "api-keys": apiKeys,
  access,
  account,
  audit,
  checklist,
  clients,
  common,
  connection,
  consumers,
  dashboard,
  "dead-letters": deadLetters,
  errors,
  inbox,
  linking,
  login,
  message,
  nav,
  notices,
  operator,
  pacing,
  people,
  "second-factor": secondFactor,
  sending,
  "session-reason": sessionReason,
  sessions,
  settings,
  teams,
  webhooks,
};
