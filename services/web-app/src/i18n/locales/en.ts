import access from "./en/access.json";
import account from "./en/account.json";
import checklist from "./en/checklist.json";
import clients from "./en/clients.json";
import common from "./en/common.json";
import connection from "./en/connection.json";
import dashboard from "./en/dashboard.json";
import deadLetters from "./en/dead-letters.json";
import errors from "./en/errors.json";
import inbox from "./en/inbox.json";
import linking from "./en/linking.json";
import login from "./en/login.json";
import message from "./en/message.json";
import nav from "./en/nav.json";
import notices from "./en/notices.json";
import pacing from "./en/pacing.json";
import secondFactor from "./en/second-factor.json";
import sending from "./en/sending.json";
import sessionReason from "./en/session-reason.json";
import sessions from "./en/sessions.json";
import settings from "./en/settings.json";
import webhooks from "./en/webhooks.json";
import type { ptBr } from "./pt-br.ts";

/** English texts of the main bundle, one JSON file per i18next namespace. Does not compile when a key of the Portuguese texts is missing. */
export const en = {
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
} satisfies typeof ptBr;
