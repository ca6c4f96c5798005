import checklist from "./pt-BR/checklist.json";
import clients from "./pt-BR/clients.json";
import connection from "./pt-BR/connection.json";
import deadLetters from "./pt-BR/dead-letters.json";
import inbox from "./pt-BR/inbox.json";
import message from "./pt-BR/message.json";
import nav from "./pt-BR/nav.json";
import notices from "./pt-BR/notices.json";
import pacing from "./pt-BR/pacing.json";
import sending from "./pt-BR/sending.json";
import sessionReason from "./pt-BR/session-reason.json";
import webhooks from "./pt-BR/webhooks.json";

/** Brazilian Portuguese texts of the inbox, one JSON file per i18next namespace. Defines the keys that every language must have. */
export const ptBr = {
  checklist,
  clients,
  connection,
  "dead-letters": deadLetters,
  inbox,
  message,
  nav,
  notices,
  pacing,
  sending,
  "session-reason": sessionReason,
  webhooks,
};
